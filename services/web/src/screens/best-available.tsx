import { useId, useState } from 'react';
import { useSpeech } from '../i18n/language.tsx';
import { Stepper } from '../parts/stepper.tsx';
import { countFree, type House, statesOf } from '../seat-map/house.ts';

interface BestAvailableProps {
  /** The section that is looked at, where one is: it is chosen to begin with. */
  readonly openId: string | null;
  readonly house: House;
  readonly states: string;
  readonly limit: number;
  readonly isHolding: boolean;
  readonly onHold: (section: string, seatCount: number) => void;
}

/** Seats by section and number, for those who would rather not search the map. */
export function BestAvailable({ openId, house, states, limit, isHolding, onHold }: BestAvailableProps) {
  const { text, format } = useSpeech();
  const id = useId();
  const [chosen, setChosen] = useState(openId);
  const [seatCount, setSeatCount] = useState(Math.min(2, limit));
  const sections = house.sections.map((section) => ({
    ...section,
    free: countFree(statesOf(section, states)),
  }));
  const section =
    sections.find(({ id: sectionId }) => sectionId === chosen) ??
    sections.find(({ free }) => free >= seatCount) ??
    sections[0];
  return (
    <section className="panel best" aria-label={text.bestAvailable}>
      <h2>{text.bestAvailable}</h2>
      <p className="muted">{text.bestAvailableIntro}</p>
      <label htmlFor={id} className="field-label">
        {text.sectionLabel}
      </label>
      <select id={id} value={section?.id} onChange={(event) => setChosen(event.target.value)}>
        {sections.map(({ id: sectionId, priceMinor, free }) => (
          <option key={sectionId} value={sectionId} disabled={free === 0}>
            {[
              text.section(sectionId),
              free === 0 ? text.soldOut : format.money(priceMinor, house.currency),
            ].join(' · ')}
          </option>
        ))}
      </select>
      <Stepper label={text.howMany} value={seatCount} max={limit} onChange={setSeatCount} />
      <button
        type="button"
        className="button button-quiet"
        disabled={isHolding || !section || section.free < seatCount}
        onClick={() => section && onHold(section.id, seatCount)}
      >
        {text.holdBest(seatCount)}
      </button>
    </section>
  );
}
