import { Counter, Gauge, type Registry } from 'prom-client';
import type { Exchange } from '../client/exchange.ts';
import type { BotOutcome } from '../play/bot-result.ts';

/** What is told of the bots. */
export interface BotMetrics {
  onExchange(exchange: Exchange): void;
  finished(outcome: BotOutcome): void;
}

/** Declares the metrics of the bots. */
export function createBotMetrics(
  registry: Registry,
  read: { readonly active: () => number; readonly enabled: () => boolean },
): BotMetrics {
  const registers = [registry];
  const gauges = [
    ['onsale_bots_active', 'Bots in a purchase or waiting for their round', read.active],
    ['onsale_bots_enabled', '1 while bots compete, else 0', () => Number(read.enabled())],
  ] as const;
  for (const [name, help, value] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  }
  const finished = new Counter({
    name: 'onsale_bots_finished_total',
    help: 'Bots whose purchase ended, by how',
    labelNames: ['outcome'],
    registers,
  });
  const requests = new Counter({
    name: 'onsale_bots_requests_total',
    help: 'Requests bots sent, by step and the class of the answer; none is no answer',
    labelNames: ['step', 'answer'],
    registers,
  });
  return {
    onExchange: ({ step, status }) =>
      requests.inc({ step, answer: status === 0 ? 'none' : `${Math.floor(status / 100)}xx` }),
    finished: (outcome) => finished.inc({ outcome }),
  };
}
