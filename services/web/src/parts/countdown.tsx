import { useNow } from '../clock/use-now.ts';
import { useSpeech } from '../i18n/language.tsx';

interface CountdownProps {
  readonly label: string;
  readonly untilMs: number;
  readonly urgentBelowSec?: number;
}

/** Time left by the services' clock. Not a live region: every second read aloud would drown everything else. */
export function Countdown({ label, untilMs, urgentBelowSec = 0 }: CountdownProps) {
  const { format } = useSpeech();
  const leftSec = Math.max(0, Math.ceil((untilMs - useNow()) / 1000));
  return (
    <div className={`countdown ${leftSec < urgentBelowSec ? 'urgent' : ''}`}>
      <span className="countdown-label">{label}</span>
      <span className="countdown-time" role="timer" aria-label={`${label} ${format.duration(leftSec)}`}>
        {leftSec >= 86_400 ? format.duration(leftSec) : format.clockTime(leftSec)}
      </span>
    </div>
  );
}
