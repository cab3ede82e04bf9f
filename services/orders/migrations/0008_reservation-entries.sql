-- When the holders of unseated tickets were let in at a gate, and at which: once, all of a reservation together. Safe to run
-- again. A version that does not know it works on: it takes back tickets of which somebody came in.

alter table reservations add column if not exists entered_at timestamptz;
alter table reservations add column if not exists gate text;
