-- Events that are cancelled, and tickets that were let in at a gate. Safe to run again. A version that knows neither works
-- on: it goes on confirming orders of a cancelled event, and the sweeper of a newer one cancels them.

alter table events add column if not exists cancelled_at timestamptz;
alter table events add column if not exists cancellation_reason text;

-- A row is the one admission of a ticket.
create table if not exists gate_entries (
  ticket_id  text collate "C" primary key references tickets,
  gate       text not null,
  entered_at timestamptz not null default now()
);

-- Counts a sale's orders, and finds those a cancelled event has still under way, without reading other sales' orders.
create index if not exists orders_of_sale on orders (sale_id, status);
