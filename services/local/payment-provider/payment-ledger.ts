import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** One entry of the ledger: money that moved. */
export type LedgerEntry =
  | {
      readonly kind: 'capture';
      readonly paymentId: string;
      readonly intentId: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'refund';
      readonly refundId: string;
      readonly paymentId: string;
      readonly amount: number;
    };

export type RefundOutcome = 'refunded' | 'repeated' | 'unknown-payment' | 'exceeds-capture';

/** What the provider has taken and given back; the truth a test compares the orders with. */
export class PaymentLedger {
  readonly #file: string | undefined;
  readonly #captures = new Map<string, Extract<LedgerEntry, { kind: 'capture' }>>();
  readonly #refunds = new Map<string, Extract<LedgerEntry, { kind: 'refund' }>>();

  /** @param file kept from run to run; undefined keeps the ledger in memory */
  constructor(file: string | undefined) {
    this.#file = file;
    if (file && existsSync(file)) {
      for (const line of readFileSync(file, 'utf8').split('\n')) {
        if (line !== '') this.#apply(JSON.parse(line) as LedgerEntry);
      }
    }
  }

  capture(paymentId: string, intentId: string, amount: number): void {
    if (!this.#captures.has(paymentId)) this.#append({ kind: 'capture', paymentId, intentId, amount });
  }

  /** Gives a part of a capture back; the same refundId again changes nothing. */
  refund(refundId: string, paymentId: string, amount: number): RefundOutcome {
    if (this.#refunds.has(refundId)) return 'repeated';
    const capture = this.#captures.get(paymentId);
    if (!capture) return 'unknown-payment';
    if (this.refundedOf(paymentId) + amount > capture.amount) return 'exceeds-capture';
    this.#append({ kind: 'refund', refundId, paymentId, amount });
    return 'refunded';
  }

  refundedOf(paymentId: string): number {
    let total = 0;
    for (const refund of this.#refunds.values()) if (refund.paymentId === paymentId) total += refund.amount;
    return total;
  }

  entries(): readonly LedgerEntry[] {
    return [...this.#captures.values(), ...this.#refunds.values()];
  }

  totals(): { readonly captured: number; readonly refunded: number } {
    const sum = (entries: Iterable<LedgerEntry>) =>
      [...entries].reduce((total, entry) => total + entry.amount, 0);
    return { captured: sum(this.#captures.values()), refunded: sum(this.#refunds.values()) };
  }

  #append(entry: LedgerEntry): void {
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
    this.#apply(entry);
  }

  #apply(entry: LedgerEntry): void {
    if (entry.kind === 'capture') this.#captures.set(entry.paymentId, entry);
    else this.#refunds.set(entry.refundId, entry);
  }
}
