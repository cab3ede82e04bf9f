import type { GateCheck } from '@onsale/contracts/http/gate-check-route';
import { useTicketSeat } from './use-ticket-seat.ts';
import { useWords } from './use-words.ts';

interface CheckResultProps {
  readonly check: GateCheck;
  readonly titleOf: (eventId: string) => string;
}

/** What the gate does, to be read from an arm's length. */
export function CheckResult({ check, titleOf }: CheckResultProps) {
  const { words, format } = useWords();
  const seatOf = useTicketSeat();
  switch (check.outcome) {
    case 'admitted':
      return (
        <div className="check check-in" data-check="admitted">
          <p className="check-word">✓ {words.admittedWord}</p>
          <p className="check-seat">{seatOf(check)}</p>
          <p>{titleOf(check.eventId)}</p>
        </div>
      );
    case 'already-admitted':
      return (
        <div className="check check-again" data-check="already-admitted">
          <p className="check-word">! {words.alreadyAdmitted}</p>
          <p className="check-seat">{words.sinceAt(format.timeOfDay(check.at), check.gate)}</p>
          <p>
            {seatOf(check)} · {titleOf(check.eventId)}
          </p>
        </div>
      );
    case 'not-valid':
      return (
        <div className="check check-out" data-check="not-valid">
          <p className="check-word">✕ {words.notValid}</p>
          <p>{words.notValidBecause[check.reason]}</p>
        </div>
      );
  }
}
