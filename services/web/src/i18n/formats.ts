import type { Messages } from './en.ts';

/** Numbers, money and time as a language writes them. */
export interface Formats {
  count(value: number): string;
  percent(share: number): string;
  money(amountMinor: number, currency: string): string;
  /** `2027-12-31T19:00:00`, without an offset, is shown as it stands: it is in the event's own zone. */
  dateTime(local: string): string;
  /** An ISO 8601 instant, in the device's zone. */
  instant(iso: string): string;
  /** The time of day of an instant, in the device's zone, to the second. */
  timeOfDay(iso: string): string;
  day(local: string): { readonly month: string; readonly day: string; readonly weekday: string };
  /** Two units at most, such as "2 minutes 5 seconds". */
  duration(seconds: number): string;
  /** As a stopwatch says it: "3.4 sec", and to the hundredth below a second. */
  lapTime(milliseconds: number): string;
  /** Such as 1:02:05 or 02:05. */
  clockTime(seconds: number): string;
}

export function createFormats(language: string, text: Messages): Formats {
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const zoned = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
  const dateTime = zoned({ dateStyle: 'long', timeStyle: 'short' });
  const instant = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const timeOfDay = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const lapTime = (digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: 'second',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const [tenths, hundredths] = [lapTime(1), lapTime(2)];
  const month = zoned({ month: 'short' });
  const weekday = zoned({ weekday: 'short' });
  const currencies = new Map<string, { format: Intl.NumberFormat; divisor: number }>();
  const asDate = (local: string) => new Date(`${local}Z`);
  return {
    count: (value) => number.format(value),
    percent: (share) => percent.format(share),
    money(amountMinor, currency) {
      let known = currencies.get(currency);
      if (!known) {
        const format = new Intl.NumberFormat(language, { style: 'currency', currency });
        known = { format, divisor: 10 ** (format.resolvedOptions().maximumFractionDigits ?? 0) };
        currencies.set(currency, known);
      }
      return known.format.format(amountMinor / known.divisor);
    },
    dateTime: (local) => dateTime.format(asDate(local)),
    instant: (iso) => instant.format(new Date(iso)),
    timeOfDay: (iso) => timeOfDay.format(new Date(iso)),
    day: (local) => ({
      month: month.format(asDate(local)),
      day: String(asDate(local).getUTCDate()),
      weekday: weekday.format(asDate(local)),
    }),
    // A worker decides in hundredths: "0.0 sec" would say that it took no time.
    lapTime: (milliseconds) =>
      milliseconds < 1000
        ? hundredths.format(Math.max(10, milliseconds) / 1000)
        : tenths.format(milliseconds / 1000),
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds));
      const parts = [
        [text.days, Math.floor(whole / 86_400)],
        [text.hours, Math.floor(whole / 3600) % 24],
        [text.minutes, Math.floor(whole / 60) % 60],
        [text.seconds, whole % 60],
      ] as const;
      const first = parts.findIndex(([, count]) => count > 0);
      if (first === -1) return text.seconds(0);
      return parts
        .slice(first, first + 2)
        .filter(([, count]) => count > 0)
        .map(([unit, count]) => unit(count))
        .join(' ');
    },
    clockTime(seconds) {
      const whole = Math.max(0, Math.ceil(seconds));
      const two = (value: number) => String(value).padStart(2, '0');
      const hours = Math.floor(whole / 3600);
      const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
      return hours > 0 ? `${hours}:${rest}` : rest;
    },
  };
}
