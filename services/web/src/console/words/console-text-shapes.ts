import type { SaleStatus } from '@onsale/contracts/http/sale-status-routes';

type Admission = SaleStatus['capacity']['admission'];

/** Where a sale is; a cancelled event is nowhere else. */
export type Phase = SaleStatus['state'] | 'cancelled';

export type PhaseText = Record<Phase, string>;

/** How the line moves. */
export type AdmissionText = Record<Admission['state'], string>;

/** What keeps admission from being faster. */
export type LimitText = Record<Exclude<Admission['limitedBy'], null>, string>;
