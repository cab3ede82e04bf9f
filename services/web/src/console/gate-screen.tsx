import type { GateCheck } from '@onsale/contracts/http/gate-check-route';
import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { type FormEvent, useCallback, useEffect, useId, useRef, useState } from 'react';
import { Screen } from '../parts/screen.tsx';
import { createSharedValue } from '../shared/shared-value.ts';
import { useSharedValue } from '../shared/use-shared-value.ts';
import type { AdminClient } from './admin-client.ts';
import { CameraScanner } from './camera-scanner.tsx';
import { CheckResult } from './check-result.tsx';
import { Refusal, refusalOf } from './refusal.tsx';
import { useTicketSeat } from './use-ticket-seat.ts';
import { useWords } from './use-words.ts';

const gateName = createSharedValue('onsale.gate', 'gate', sessionStorage, new EventTarget());
/** As the contract has it. */
const gatePattern = /^[\x20-\x7e]{1,64}$/;
const mostShown = 8;

/** One check and when it was made here. */
export interface Checked {
  readonly key: number;
  readonly check: GateCheck;
  readonly at: string;
}

/** The entrance: codes typed, pasted, sent by a hand scanner or seen by the camera; each ticket lets in once. */
export function GateScreen({ client }: { client: AdminClient }) {
  const { words } = useWords();
  const id = useId();
  const gate = useSharedValue(gateName);
  const [eventId, setEventId] = useState('');
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [checks, setChecks] = useState<readonly Checked[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const sales = useSales(client);

  const check = useCallback(
    async (seen: string) => {
      const wanted = seen.trim();
      if (wanted === '') return;
      setBusy(true);
      const place = gatePattern.test(gate) ? gate : 'gate';
      const answer = await client.checkTicket({
        code: wanted,
        gate: place,
        ...(eventId === '' ? {} : { eventId }),
      });
      setBusy(false);
      setRefusal(refusalOf(answer, words.noAnswer));
      if (answer.outcome !== 'ok') return;
      setCode('');
      const at = new Date().toISOString();
      setChecks((before) =>
        [{ key: (before[0]?.key ?? 0) + 1, check: answer.body, at }, ...before].slice(0, mostShown),
      );
    },
    [client, eventId, gate, words],
  );
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    // A hand scanner types the next code into the same field.
    input.current?.focus();
    void check(code);
  };
  const titleOf = (name: string) => sales.find((sale) => sale.eventId === name)?.title ?? name;
  const [last, ...earlier] = checks;

  return (
    <Screen title={words.gateTitle} intro={words.gateIntro} className="narrow">
      <form className="panel sign-in" onSubmit={onSubmit}>
        <div className="gate-setting">
          <div>
            <label htmlFor={`${id}-event`} className="field-label">
              {words.gateEvent}
            </label>
            <select id={`${id}-event`} value={eventId} onChange={(event) => setEventId(event.target.value)}>
              <option value="">{words.anyEvent}</option>
              {sales.map((sale) => (
                <option key={sale.eventId} value={sale.eventId}>
                  {sale.title}
                </option>
              ))}
            </select>
          </div>
          <div>
            <label htmlFor={`${id}-gate`} className="field-label">
              {words.gateName}
            </label>
            <input
              id={`${id}-gate`}
              value={gate}
              maxLength={64}
              autoComplete="off"
              aria-invalid={!gatePattern.test(gate)}
              onChange={(event) => gateName.set(event.target.value)}
            />
          </div>
        </div>
        <label htmlFor={`${id}-code`} className="field-label">
          {words.ticketCode}
        </label>
        <input
          ref={input}
          id={`${id}-code`}
          className="code-input"
          value={code}
          maxLength={512}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setCode(event.target.value)}
        />
        <button type="submit" className="button" disabled={busy || code.trim() === ''}>
          {busy ? words.checking : words.check}
        </button>
        <CameraScanner onCode={check} />
      </form>
      <Refusal message={refusal} />
      <div role="alert">{last && <CheckResult key={last.key} check={last.check} titleOf={titleOf} />}</div>
      {earlier.length > 0 && <EarlierChecks checks={earlier} />}
    </Screen>
  );
}

function EarlierChecks({ checks }: { checks: readonly Checked[] }) {
  const { words, format } = useWords();
  const seatOf = useTicketSeat();
  const names = {
    admitted: words.admittedWord,
    'already-admitted': words.alreadyAdmitted,
    'not-valid': words.notValid,
  };
  return (
    <section aria-label={words.lastChecks}>
      <h2>{words.lastChecks}</h2>
      <ul className="checks">
        {checks.map(({ key, check, at }) => (
          <li key={key}>
            <span className="muted tabular">{format.timeOfDay(at)}</span> {names[check.outcome]}
            <span className="muted">
              {check.outcome === 'not-valid' ? words.notValidBecause[check.reason] : seatOf(check)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Read once: events do not come and go while a gate is open. */
function useSales(client: AdminClient): readonly SaleStatus[] {
  const [sales, setSales] = useState<readonly SaleStatus[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    client
      .sales(leaving.signal)
      .then((answer) => answer.outcome === 'ok' && setSales(answer.body.items))
      .catch(() => undefined);
    return () => leaving.abort();
  }, [client]);
  return sales;
}
