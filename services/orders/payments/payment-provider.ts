/** The company that takes the money. Both calls may be repeated: the ids are their idempotency keys. */
export interface PaymentProvider {
  /** Makes the payment payable; resolves once the provider knows it. */
  openPayment(payment: {
    readonly intentId: string;
    readonly amountMinor: number;
    readonly currency: string;
    /** Whom the provider may ask to pay: its reference for the customer. */
    readonly userId: string;
  }): Promise<void>;
  /** Gives a part of a capture back; resolves once the provider has taken it on, rejects with a PaymentRefusedError when it will not. */
  refund(refund: {
    readonly refundId: string;
    readonly paymentId: string;
    readonly amountMinor: number;
  }): Promise<void>;
}
