import { randomBytes } from 'node:crypto';
import { judge, type Verdict } from '@onsale/bots/rehearsal/judge';
import { planRehearsal } from '@onsale/bots/rehearsal/plan-rehearsal';
import { rehearse } from '@onsale/bots/rehearsal/rehearse';
import { conditionTypes, type TicketEventStatus } from '@onsale/contracts/ticket-event/ticket-event-status';
import type { TicketEvent } from '@onsale/contracts/ticket-event/ticket-event';
import { type Command, InvalidArgumentError } from 'commander';
import { publishTicketEvent } from '../admin-client.ts';
import { readTicketEvent } from '../read-ticket-event.ts';
import type { CommandContext } from './command-context.ts';

interface Options {
  readonly base?: string;
  readonly scale: number;
  readonly buyers: number;
  readonly lead: number;
  readonly settle: number;
  readonly p95: number;
  readonly errors: number;
  readonly notice: number;
  readonly seed: string;
  readonly json: boolean;
}

const exitCodes = { go: 0, 'no-go': 1, unjudged: 2 } as const;

const number = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (text === '' || !(value >= least && value <= most))
    throw new InvalidArgumentError(`${least} to ${most}`);
  return value;
};

/** `rehearse <file>`: plays a sale's shape with bots, and says go or no-go. */
export function addRehearseCommand(program: Command, context: CommandContext): void {
  program
    .command('rehearse <file>')
    .description(
      'play a sale’s shape with bots, on a copy with seats of its own, and say go (exit 0), no-go (1) or not judged (2)',
    )
    .option('--base <url>', 'the deployment (default: the local runner)')
    .option('--scale <part>', 'part of the real arrival and admission rates', number(0.000_001, 1), 1)
    .option('--buyers <n>', 'most buyers to play', number(1, 20_000), 300)
    .option('--lead <seconds>', 'time from publishing to the opening', number(5, 3600), 8)
    .option('--settle <seconds>', 'time the last orders and refunds may take', number(1, 3600), 60)
    .option('--p95 <ms>', 'bar: p95 of each step', number(0.001, 60_000), 200)
    .option('--errors <share>', 'bar: share of failed requests and of rejected orders', number(0, 1), 0.001)
    .option('--notice <seconds>', 'bar: how late the last buyer may notice the turn', number(0, 3600), 5)
    .option('--seed <text>', 'the same seed plays the same buyers', 'rehearsal')
    .option('--json', 'as JSON; progress goes to stderr', false)
    .action(async (file: string, options: Options) => {
      try {
        const { verdict, checks } = await run(file, options);
        if (options.json) console.log(JSON.stringify({ verdict, checks }, null, 2));
        else console.log(verdictText({ verdict, checks }));
        process.exitCode = exitCodes[verdict];
      } catch (error) {
        console.error(`Not judged: ${(error as Error).message}`);
        process.exitCode = exitCodes.unjudged;
      }
    });

  async function run(file: string, options: Options): Promise<Verdict> {
    const document = (await readTicketEvent(file, Date.now())) as TicketEvent & {
      status?: TicketEventStatus;
    };
    if (document.spec?.eventId === undefined) throw new Error(`${file} holds no TicketEvent`);
    const planned = planRehearsal(document, {
      scale: options.scale,
      buyers: options.buyers,
      opensAtMs: 1000 * Math.ceil(Date.now() / 1000 + options.lead),
      suffix: randomBytes(4).toString('hex'),
    });
    if (planned.outcome === 'not-playable') throw new Error(planned.problem);
    const { plan } = planned;
    const base = options.base?.replace(/\/$/, '') ?? (await context.localRun()).url;
    const admin = await context.admin();
    console.error(
      `${plan.eventId}: ${plan.buyers} buyers, ${plan.arrivalsPerSecond}/s arriving, ${plan.ratePerSecond}/s admitted, ${plan.seatCount} seats`,
    );
    const interrupted = new AbortController();
    const interrupt = () => interrupted.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    try {
      const facts = await rehearse({
        plan,
        base,
        publish: (ticketEvent) => publishTicketEvent(admin, ticketEvent),
        seed: options.seed,
        settleWithinMs: 1000 * options.settle,
        signal: interrupted.signal,
        onProgress: (line) => console.error(line),
      });
      if (interrupted.signal.aborted) throw new Error('interrupted; the copy is closed');
      const capacity = document.status?.conditions?.find(
        ({ type }) => type === conditionTypes.CapacityConfirmed,
      );
      return judge(
        { ...facts, capacityConfirmed: capacity && capacity.status === 'True' },
        { p95Ms: options.p95, errorShare: options.errors, noticeSeconds: options.notice },
      );
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupt);
    }
  }
}

const marks = { passed: 'ok', failed: 'NO', unknown: '??', 'not-judged': '–' } as const;

function verdictText({ verdict, checks }: Verdict): string {
  const lines = checks.map(({ name, outcome, seen }) => `  ${marks[outcome].padEnd(3)} ${name}: ${seen}`);
  const word = { go: 'GO', 'no-go': 'NO-GO', unjudged: 'NOT JUDGED' }[verdict];
  return [...lines, word].join('\n');
}
