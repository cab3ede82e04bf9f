import type { Background } from './background.ts';
import type { BuyerCap } from './buyer-cap.ts';
import type { InventoryMetrics } from './inventory-metrics.ts';
import type { LockItems } from './lock-items.ts';
import type { SaleEpochs } from './sale-epochs.ts';
import type { RunInSection } from './sale-sections.ts';

/** What the operations of the inventory are made of. */
export interface InventoryParts {
  readonly run: RunInSection;
  readonly cap: BuyerCap;
  readonly locks: LockItems;
  readonly epochs: SaleEpochs;
  readonly background: Background;
  readonly metrics: InventoryMetrics;
}
