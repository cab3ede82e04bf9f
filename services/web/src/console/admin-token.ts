import { createSharedValue } from '../shared/shared-value.ts';

/** What opens the admin routes; null until it is asked for. Of this tab alone, and gone with it. */
export const adminToken = createSharedValue<string | null>(
  'onsale.admin-token',
  null,
  sessionStorage,
  new EventTarget(),
);
