import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { announce } from '../parts/announcer.tsx';
import type { AdminClient } from './admin-client.ts';
import { Refusal, refusalOf } from './refusal.tsx';
import { RefundProgress } from './refund-progress.tsx';
import { useWords } from './use-words.ts';

interface CancelEventProps {
  readonly sale: SaleStatus;
  readonly client: AdminClient;
  readonly onChanged: () => void;
}

/** Cancelling the whole event, which asks for its name in writing; afterwards, how far the refunds are. */
export function CancelEvent({ sale, client, onChanged }: CancelEventProps) {
  const { words } = useWords();
  const id = useId();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [confirm, setConfirm] = useState('');
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isAsking) first.current?.focus();
  }, [isAsking]);
  const isConfirmed = confirm === sale.eventId && reason.trim() !== '';

  const cancel = async () => {
    setBusy(true);
    const answer = await client.cancel(sale.eventId, reason.trim());
    setBusy(false);
    setRefusal(refusalOf(answer, words.noAnswer));
    if (answer.outcome === 'ok') announce(words.cancelDone);
    onChanged();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isConfirmed && !busy) void cancel();
  };

  return (
    <section className="panel cancel-event" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{words.cancelTitle}</h2>
      {sale.cancellation ? (
        <RefundProgress sale={sale} />
      ) : (
        <>
          <p className="muted">{words.cancelIntro}</p>
          <Refusal message={refusal} />
          {isAsking ? (
            <form className="cancel-choice" onSubmit={onSubmit}>
              <label htmlFor={`${id}-reason`} className="field-label">
                {words.cancelReason}
              </label>
              <input
                ref={first}
                id={`${id}-reason`}
                value={reason}
                maxLength={200}
                autoComplete="off"
                onChange={(event) => setReason(event.target.value)}
              />
              <label htmlFor={`${id}-confirm`} className="field-label">
                {words.cancelConfirm(sale.eventId)}
              </label>
              <input
                id={`${id}-confirm`}
                value={confirm}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                onChange={(event) => setConfirm(event.target.value)}
              />
              <div className="actions">
                <button type="button" className="button button-quiet" onClick={() => setAsking(false)}>
                  {words.cancelNo}
                </button>
                <button type="submit" className="button button-danger" disabled={!isConfirmed || busy}>
                  {words.cancelYes}
                </button>
              </div>
            </form>
          ) : (
            <button type="button" className="link-button danger" onClick={() => setAsking(true)}>
              {words.cancelStart}
            </button>
          )}
        </>
      )}
    </section>
  );
}
