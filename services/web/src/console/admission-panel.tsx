import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';
import { type FormEvent, useId, useState } from 'react';
import type { Answer } from '../api/answer.ts';
import { announce } from '../parts/announcer.tsx';
import type { AdminClient } from './admin-client.ts';
import { Refusal, refusalOf } from './refusal.tsx';
import { useWords } from './use-words.ts';

interface AdmissionPanelProps {
  readonly sale: SaleStatus;
  readonly client: AdminClient;
  readonly onChanged: () => void;
}

const highestRate = 100_000;

/** How the line moves and why, and the operator's three levers: pause, resume, rate. */
export function AdmissionPanel({ sale, client, onChanged }: AdmissionPanelProps) {
  const { words, format } = useWords();
  const id = useId();
  const [rate, setRate] = useState('');
  const [isBad, setBad] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const { serving, capacity } = sale;
  const { admission, plannedRatePerSecond } = capacity;
  const isPaused = admission.state === 'paused' || plannedRatePerSecond === 0;
  const isOver = sale.state === 'closed';

  const act = async (
    request: () => Promise<Answer<{ ratePerSecond: number }>>,
    said: (ratePerSecond: number) => string,
  ) => {
    setBusy(true);
    const answer = await request();
    setBusy(false);
    setRefusal(refusalOf(answer, words.noAnswer));
    if (answer.outcome === 'ok') announce(said(answer.body.ratePerSecond));
    onChanged();
  };
  const saidRate = (ratePerSecond: number) => words.rateIs(format.count(ratePerSecond));
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = Number(rate);
    const isGood = rate.trim() !== '' && wanted >= 0 && wanted <= highestRate;
    setBad(!isGood);
    if (!isGood) return;
    void act(() => client.changeRate(sale.eventId, wanted), saidRate).then(() => setRate(''));
  };

  return (
    <section className="panel admission" aria-labelledby={`${id}-title`} data-admission={admission.state}>
      <div className="admission-head">
        <h2 id={`${id}-title`}>{words.admissionTitle}</h2>
        <span className={`pill ${admission.state === 'open' ? 'pill-open' : 'pill-warn'}`}>
          {words.admission[admission.state]}
        </span>
      </div>
      {admission.limitedBy !== null && <p className="muted">{words.limitedBy[admission.limitedBy]}</p>}
      <dl className="tiles">
        <div>
          <dt>{words.servingNumber}</dt>
          <dd>{serving.number < 0 ? '–' : format.count(serving.number)}</dd>
        </div>
        <div>
          <dt>{words.planned(format.count(plannedRatePerSecond))}</dt>
          <dd>{words.perSecond(format.count(admission.ratePerSecond))}</dd>
        </div>
      </dl>
      <Refusal message={refusal} />
      {!isOver && (
        <div className="levers">
          {isPaused ? (
            <button
              type="button"
              className="button"
              data-action="resume"
              disabled={busy}
              onClick={() => void act(() => client.resume(sale.eventId), saidRate)}
            >
              {words.resume}
            </button>
          ) : (
            <button
              type="button"
              className="button"
              data-action="pause"
              disabled={busy}
              onClick={() =>
                void act(
                  () => client.pause(sale.eventId),
                  () => words.paused,
                )
              }
            >
              {words.pause}
            </button>
          )}
          <form className="rate" onSubmit={onSubmit} noValidate>
            <label htmlFor={id} className="field-label">
              {words.rateLabel}
            </label>
            <div className="rate-row">
              <input
                id={id}
                inputMode="decimal"
                autoComplete="off"
                value={rate}
                placeholder={String(plannedRatePerSecond)}
                aria-invalid={isBad}
                aria-describedby={`${id}-bad`}
                onChange={(event) => {
                  setRate(event.target.value);
                  setBad(false);
                }}
              />
              <button type="submit" className="button button-quiet" disabled={busy}>
                {words.setRate}
              </button>
            </div>
            <p id={`${id}-bad`} className="field-error" role="alert">
              {isBad && words.rateBad}
            </p>
          </form>
        </div>
      )}
    </section>
  );
}
