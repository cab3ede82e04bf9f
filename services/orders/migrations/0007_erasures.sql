-- That a buyer's data was erased, and when. Safe to run again. A version that does not know it works on.

create table if not exists erasures (
  -- Stands where the userId stood. It has a letter no userId can have, so nobody can act as it.
  pseudonym   text collate "C" primary key,
  -- Only until every store has been gone through: one that was interrupted goes on with the same pseudonym.
  user_id     text collate "C",
  started_at  timestamptz not null default now(),
  finished_at timestamptz,
  constraint erasures_forget check ((finished_at is null) = (user_id is not null))
);

create unique index if not exists erasures_unfinished on erasures (user_id) where user_id is not null;
