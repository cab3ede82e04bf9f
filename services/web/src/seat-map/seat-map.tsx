import { type CSSProperties, useLayoutEffect, useRef, useState } from 'react';
import { useSpeech } from '../i18n/language.tsx';
import { countFree, type House, statesOf } from './house.ts';
import { SeatGrid } from './seat-grid.tsx';
import { SectionThumbnail } from './section-thumbnail.tsx';

interface SeatMapProps {
  readonly house: House;
  readonly states: string;
  readonly selectedIds: readonly string[];
  /** Of a house too large to be shown whole, the section that is shown; null for the overview. */
  readonly openId: string | null;
  readonly onOpen: (sectionId: string | null) => void;
  readonly onToggle: (sectionId: string, seatId: string) => void;
}

/** More seats than this are shown section by section. */
const seatsAtOnce = 1500;
/** Pixels a seat; 24 is the least a finger hits for sure (WCAG 2.2, 2.5.8). */
const zooms = [24, 30, 42] as const;
/** Beside the seats of a row, pixels. */
const rowMarginPx = 72;

/** The house: its stage and sections, or an overview of them where there are many seats; legend and zoom. */
export function SeatMap({ house, states, selectedIds, openId, onOpen, onToggle }: SeatMapProps) {
  const { text, format } = useSpeech();
  const [zoom, setZoom] = useState(1);
  const frame = useRef<HTMLDivElement>(null);
  const widest = Math.max(...house.sections.map(({ seatsPerRow }) => seatsPerRow));
  useLayoutEffect(() => {
    const fits = widest * zooms[1] + rowMarginPx <= (frame.current?.clientWidth ?? 0);
    setZoom(fits ? 1 : 0);
  }, [widest]);
  const isLarge = house.seatCount > seatsAtOnce;
  const shown = isLarge ? house.sections.filter((section) => section.id === openId) : house.sections;

  return (
    <div ref={frame} className="seat-map" style={{ '--seat': `${zooms[zoom]}px` } as CSSProperties}>
      <div className="seat-map-tools">
        <ul className="legend" aria-label={text.legend}>
          {house.prices.map((price, tier) => (
            <li key={price} className={`tier-${tier % 5}`}>
              <span className="seat seat-free" aria-hidden="true" /> {format.money(price, house.currency)}
            </li>
          ))}
          <li>
            <span className="seat seat-selected" aria-hidden="true" /> {text.seatSelected}
          </li>
          <li>
            <span className="seat seat-taken" aria-hidden="true" /> {text.seatTaken}
          </li>
        </ul>
        <div className="zoom" hidden={isLarge && openId === null}>
          <button
            type="button"
            className="icon-button"
            aria-label={text.zoomOut}
            disabled={zoom === 0}
            onClick={() => setZoom(zoom - 1)}
          >
            −
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={text.zoomIn}
            disabled={zoom === zooms.length - 1}
            onClick={() => setZoom(zoom + 1)}
          >
            +
          </button>
        </div>
      </div>
      <div className="stage">{text.stage}</div>
      {isLarge && openId !== null && (
        <button type="button" className="link-button" onClick={() => onOpen(null)}>
          ← {text.allSections}
        </button>
      )}
      {isLarge && openId === null ? (
        <ul className="section-cards">
          {house.sections.map((section) => {
            const ofSection = statesOf(section, states);
            const free = countFree(ofSection);
            return (
              <li key={section.id}>
                <button
                  type="button"
                  className="section-card"
                  disabled={free === 0}
                  onClick={() => onOpen(section.id)}
                >
                  <SectionThumbnail section={section} states={ofSection} />
                  <span className="section-card-name">{text.section(section.id)}</span>
                  <span>{format.money(section.priceMinor, house.currency)}</span>
                  <span className="muted">
                    {free === 0 ? text.soldOut : text.seatsLeft(format.count(free))}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      ) : (
        shown.map((section) => {
          const ofSection = statesOf(section, states);
          return (
            <section key={section.id} className="map-section" aria-label={text.section(section.id)}>
              <h2>
                {text.section(section.id)}
                <span className="muted">
                  {format.money(section.priceMinor, house.currency)} ·{' '}
                  {text.seatsLeft(format.count(countFree(ofSection)))}
                </span>
              </h2>
              {/* Scrolled by keyboard through its seats, which are focusable. */}
              <div className="seat-scroll">
                <SeatGrid
                  section={section}
                  currency={house.currency}
                  states={ofSection}
                  selectedIds={selectedIds}
                  onToggle={(seatId) => onToggle(section.id, seatId)}
                />
              </div>
            </section>
          );
        })
      )}
    </div>
  );
}
