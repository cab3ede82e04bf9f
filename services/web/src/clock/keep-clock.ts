import { createSaleClient } from '../api/sale-client.ts';
import { createServerClock } from './server-clock.ts';

/** The page's one clock. */
export const clock = createServerClock(
  () => performance.now(),
  () => Date.now(),
);

const everyMs = 60_000;

/** Reads the services' time: thrice at first, then once a minute and whenever the device wakes up. */
export function keepClock(): void {
  const client = createSaleClient('');
  const read = async () => {
    const sentAt = performance.now();
    const answer = await client.ping();
    if (answer.outcome === 'ok') clock.observe(answer.body.ts, sentAt, performance.now());
  };
  const readThrice = async () => {
    for (let time = 0; time < 3; time++) await read();
  };
  void readThrice();
  setInterval(() => void read(), everyMs);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void readThrice();
  });
}
