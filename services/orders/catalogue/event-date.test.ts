import t from 'tap';
import { formatEventDate, isTimeZone, parseEventDate } from './event-date.ts';

const iso = (text: string, timeZone = 'Asia/Seoul') => {
  const instantMs = parseEventDate(text, timeZone);
  return instantMs === undefined ? undefined : new Date(instantMs).toISOString();
};

t.test("a date without an offset is the wall clock of the event's zone", (t) => {
  t.equal(iso('2024-12-31T19:00:00'), '2024-12-31T10:00:00.000Z');
  t.equal(iso('2024-12-31T19:00'), '2024-12-31T10:00:00.000Z');
  t.equal(iso('2024-12-31T19:00:00.250'), '2024-12-31T10:00:00.250Z');
  t.equal(iso('2024-12-31T19:00:00', 'America/New_York'), '2025-01-01T00:00:00.000Z');
  t.equal(iso('2024-07-01T19:00:00', 'America/New_York'), '2024-07-01T23:00:00.000Z');
  t.equal(iso('2024-07-01T19:00:00', 'UTC'), '2024-07-01T19:00:00.000Z');
  t.equal(iso('2024-07-01T19:00:00', 'Asia/Kathmandu'), '2024-07-01T13:15:00.000Z');
  t.end();
});

t.test('an offset that is given counts, whatever the zone', (t) => {
  t.equal(iso('2024-12-31T19:00:00Z'), '2024-12-31T19:00:00.000Z');
  t.equal(iso('2024-12-31T19:00:00+02:00'), '2024-12-31T17:00:00.000Z');
  t.equal(iso('2024-12-31T19:00:00-0530'), '2025-01-01T00:30:00.000Z');
  t.end();
});

t.test('daylight saving: a skipped time moves on by the gap, a time shown twice is the first', (t) => {
  t.equal(iso('2025-03-09T02:30:00', 'America/New_York'), '2025-03-09T07:30:00.000Z');
  t.equal(iso('2025-11-02T01:30:00', 'America/New_York'), '2025-11-02T05:30:00.000Z');
  t.equal(iso('2025-03-09T03:00:00', 'America/New_York'), '2025-03-09T07:00:00.000Z');
  t.equal(iso('2025-11-02T02:00:00', 'America/New_York'), '2025-11-02T07:00:00.000Z');
  t.equal(
    iso('2025-10-05T02:15:00', 'Australia/Lord_Howe'),
    '2025-10-04T15:45:00.000Z',
    'a gap of half an hour',
  );
  t.end();
});

t.test('what is no date, no time or no zone is refused', (t) => {
  for (const text of [
    '',
    'tomorrow',
    '2024-12-31',
    '2024-02-30T19:00:00',
    '2023-02-29T19:00:00',
    '2024-13-01T19:00:00',
    '2024-00-10T19:00:00',
    '2024-12-31T24:00:00',
    '2024-12-31T19:60:00',
    '2024-12-31T19:00:61',
    '2024-12-31T19:00:00+25:00',
    '2024-12-31T19:00:00 Seoul',
    '0001-01-01T00:00:00',
    '1969-12-31T23:59:59Z',
  ]) {
    t.equal(iso(text), undefined, JSON.stringify(text));
  }
  t.equal(iso('2024-12-31T19:00:00', 'Asia/Atlantis'), undefined);
  t.ok(isTimeZone('Europe/Berlin'));
  t.notOk(isTimeZone(''));
  t.end();
});

t.test('an instant is shown as it was given', (t) => {
  for (const timeZone of ['Asia/Seoul', 'America/New_York', 'UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati']) {
    for (const text of ['2024-12-31T19:00:00', '2025-07-01T00:00:00', '2025-07-01T00:00:00.125']) {
      t.equal(formatEventDate(parseEventDate(text, timeZone)!, timeZone), text, `${timeZone} ${text}`);
    }
  }
  t.end();
});
