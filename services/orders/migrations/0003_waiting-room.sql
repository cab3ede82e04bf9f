-- The waiting room of each sale, as far as it must outlive Redis: the seed that was committed to, the seal, how many join
-- indexes were given out, how fast buyers are admitted. Safe to run again.

create table if not exists waiting_rooms (
  sale_id           text collate "C" primary key,
  event_id          text collate "C" not null,
  opens_at          timestamptz not null,
  closes_at         timestamptz not null,
  -- Secret until the room is sealed.
  seed              bytea not null check (octet_length(seed) = 32),
  -- Public from the room's opening on.
  seed_hash         text not null generated always as (encode(sha256(seed), 'hex')) stored,
  beacon            text,
  -- Of the state in the columns below; a save with a lower one changes none of them.
  version           bigint not null default 0,
  -- Join indexes below it were drawn. Written once.
  cohort            bigint check (cohort >= 0),
  sealed_at         timestamptz,
  -- The next join index to lease, when last saved, and how many may have been leased until the following save.
  high_water        bigint not null default 0 check (high_water >= 0),
  high_water_margin bigint not null default 0 check (high_water_margin >= 0),
  -- Pieces [{base, since, rate}] of the serving number: epoch milliseconds, places per second.
  serving           jsonb not null default '[]',
  -- Places per second the operator asked for; null follows the event.
  rate_override     double precision,
  -- Places taken.
  entered           bigint not null default 0,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  constraint waiting_rooms_sealed_whole check ((cohort is null) = (sealed_at is null))
);

-- Rounds of practice events are forgotten after a while.
create index if not exists waiting_rooms_of_event on waiting_rooms (event_id, closes_at);
