import { createHmac, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { smokeChecks, type SmokeTarget } from './smoke-checks.ts';

const help = `Usage: npm run smoke -- --base URL [options]

Checks a deployment the way a buyer uses it: health, cache headers, a payment intent, and an order through the worker. The
order is cancelled again where it was confirmed; seats and money end as they were.

  --base URL              the deployment's address, such as http://127.0.0.1:8080
  --event ID              a seated event that is on sale (default event-0001)
  --webhook-secret TEXT   signs the payment's capture; without it the payment provider behind the deployment must capture
  --token TEXT            bearer token of the buyer, where identity is switched on
  --user ID               the buyer (default smoke-<random>)
  --timeout SECONDS       for the turn in the waiting room, and for the order (default 30)
`;

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    event: { type: 'string', default: 'event-0001' },
    'webhook-secret': { type: 'string' },
    token: { type: 'string' },
    user: { type: 'string', default: `smoke-${randomUUID().slice(0, 8)}` },
    timeout: { type: 'string', default: '30' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help || !values.base) {
  console.log(help);
  process.exit(values.help ? 0 : 2);
}

const secret = values['webhook-secret'];
const target: SmokeTarget = {
  base: values.base.replace(/\/$/, ''),
  eventId: values.event,
  userId: values.user,
  timeoutMs: Number(values.timeout) * 1000,
  headers: values.token ? { authorization: `Bearer ${values.token}` } : {},
  sign: secret
    ? (body) => {
        const seconds = Math.floor(Date.now() / 1000);
        return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
      }
    : undefined,
};

let passed = 0;
let failed = 0;
for (const { name, run } of smokeChecks(target)) {
  const startedAt = performance.now();
  try {
    const detail = await run();
    passed++;
    console.log(
      `ok      ${name} (${Math.round(performance.now() - startedAt)} ms)${detail ? `: ${detail}` : ''}`,
    );
  } catch (error) {
    failed++;
    console.log(`failed  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof Error && error.cause instanceof Error) console.log(`        ${error.cause.message}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
