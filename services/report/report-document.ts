import type { SaleFacts } from './report-data.ts';
import type { Summary } from './summarize.ts';

/** What `report.json` says. */
export interface ReportDocument extends Summary {
  readonly format: 'onsale-sale-report/1';
  readonly sale: SaleFacts;
}
