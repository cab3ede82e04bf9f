const pattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/i;

const minuteMs = 60_000;

/**
 * The instant, in epoch milliseconds, of an ISO 8601 date and time; without an offset it is read as the wall clock of the
 * zone. A time the zone's clock skips or shows twice in a daylight-saving change is read as in the offset before the change.
 * Undefined when there is no such date, time or zone, or before 1970.
 */
export function parseEventDate(text: string, timeZone: string): number | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, date, time, seconds = '00', fraction = '', offset] = match;
  const wall = `${date}T${time}:${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`;
  const wallMs = Date.parse(wall);
  // The 30th of February is read as a day in March.
  const exists = !Number.isNaN(wallMs) && new Date(wallMs).toISOString() === wall;
  if (!exists || !isTimeZone(timeZone)) return undefined;
  const instantMs = offset ? wallMs - statedOffsetMs(offset) : instantOfWall(wallMs, timeZone);
  return Number.isNaN(instantMs) || instantMs < 0 ? undefined : instantMs;
}

/** The instant as the zone's wall clock shows it, `2027-12-31T19:00:00`: the form existing clients send. */
export function formatEventDate(instantMs: number, timeZone: string): string {
  return new Date(instantMs + zoneOffsetMs(instantMs, timeZone)).toISOString().replace(/(\.000)?Z$/, '');
}

/** Whether this is a time zone's name, as the IANA database has them. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatterOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

function statedOffsetMs(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}

function instantOfWall(wallMs: number, timeZone: string): number {
  const dayMs = 1440 * minuteMs;
  const before = wallMs - zoneOffsetMs(wallMs - dayMs, timeZone);
  const after = wallMs - zoneOffsetMs(wallMs + dayMs, timeZone);
  const shows = (instantMs: number) => instantMs + zoneOffsetMs(instantMs, timeZone) === wallMs;
  return shows(before) || !shows(after) ? before : after;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    // A few hundred zones exist, and offsets count as zones too: nobody can make this grow without end.
    if (formatters.size < 1000) formatters.set(timeZone, formatter);
  }
  return formatter;
}

/** The zone's offset from UTC at that instant; read from `GMT+09:00`, or `GMT` alone for none. */
function zoneOffsetMs(instantMs: number, timeZone: string): number {
  const parts = formatterOf(timeZone).formatToParts(instantMs);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name);
  if (!match) return 0;
  const [, sign, hours, minutes, seconds] = match;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds ?? 0) * 1000;
  return sign === '-' ? -offsetMs : offsetMs;
}
