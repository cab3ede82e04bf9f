import { useEffect, useRef } from 'react';
import type { HouseSection } from './house.ts';

interface SectionThumbnailProps {
  readonly section: HouseSection;
  /** One character a seat of this section. */
  readonly states: string;
}

const pixelsPerSeat = 3;

/** A section seen from far away, a dot a seat; decoration, the numbers beside it say the same. */
export function SectionThumbnail({ section, states }: SectionThumbnailProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const style = getComputedStyle(element);
    const free = style.getPropertyValue('--tier');
    const taken = style.getPropertyValue('--seat-taken');
    context.clearRect(0, 0, element.width, element.height);
    for (const [wanted, colour] of [
      [true, free],
      [false, taken],
    ] as const) {
      context.fillStyle = colour;
      for (let index = 0; index < states.length; index++) {
        if ((states[index] === 'f') !== wanted) continue;
        const column = index % section.seatsPerRow;
        const row = Math.floor(index / section.seatsPerRow);
        context.fillRect(column * pixelsPerSeat, row * pixelsPerSeat, pixelsPerSeat, pixelsPerSeat);
      }
    }
  }, [section, states]);
  return (
    <canvas
      ref={canvas}
      className={`section-thumbnail tier-${section.tier % 5}`}
      width={section.seatsPerRow * pixelsPerSeat}
      height={section.rows * pixelsPerSeat}
      aria-hidden="true"
    />
  );
}
