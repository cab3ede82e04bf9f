-- Until when sales were let go on without lock items, which a rebuild of their seats has to allow for. Safe to run again.

create table if not exists lock_breaker_epochs (
  sale_id  text collate "C" primary key,
  -- Of the sale's seats. Nothing is extended in an older one: a rebuild has superseded it.
  epoch    bigint not null,
  -- Epoch milliseconds; never goes back.
  until_ms bigint not null
);
