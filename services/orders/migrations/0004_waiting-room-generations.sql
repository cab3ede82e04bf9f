-- Join indexes are reserved here before they are leased from Redis' counter, which can fall back to an older value when a
-- replica takes over. Safe to run again.

-- Counts the counters a sale has had: reserving more is refused to who still uses one that has been replaced.
alter table waiting_rooms add column if not exists generation bigint not null default 0;

comment on column waiting_rooms.high_water is
  'Together with high_water_margin: no join index from here on was ever leased';
comment on column waiting_rooms.high_water_margin is
  'Always 0 where it was written by a version that reserves before leasing';
