import { useId } from 'react';
import { useSpeech } from '../i18n/language.tsx';

interface StepperProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}

/** A small whole number, from 1. */
export function Stepper({ label, value, max, onChange }: StepperProps) {
  const { text, format } = useSpeech();
  const id = useId();
  return (
    <div className="stepper" role="group" aria-labelledby={id}>
      <span id={id} className="field-label">
        {label}
      </span>
      <div className="stepper-row">
        <button
          type="button"
          className="icon-button"
          aria-label={text.fewer}
          disabled={value <= 1}
          onClick={() => onChange(value - 1)}
        >
          −
        </button>
        <output className="stepper-value">{format.count(value)}</output>
        <button
          type="button"
          className="icon-button"
          aria-label={text.more}
          disabled={value >= max}
          onClick={() => onChange(value + 1)}
        >
          +
        </button>
      </div>
    </div>
  );
}
