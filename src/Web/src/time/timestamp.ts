/** Which clock people read: the stored state and the URL are always UTC. */
export type Clock = 'utc' | 'local';

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}

function parts(milliseconds: number, clock: Clock): { date: string; time: string; fraction: number } {
  const d = new Date(milliseconds);
  return clock === 'utc'
    ? {
        date: `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())}`,
        time: `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())}`,
        fraction: d.getUTCMilliseconds(),
      }
    : {
        date: `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())}`,
        time: `${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}`,
        fraction: d.getMilliseconds(),
      };
}

/** "2026-01-31 12:00:00", with milliseconds only where there are some. */
export function formatTimestamp(milliseconds: number, clock: Clock): string {
  const { date, time, fraction } = parts(milliseconds, clock);
  return `${date} ${time}${fraction === 0 ? '' : `.${pad(fraction, 3)}`}`;
}

/** Value for an <input type="datetime-local" step="1">. */
export function toInputValue(milliseconds: number, clock: Clock): string {
  const { date, time } = parts(milliseconds, clock);
  return `${date}T${time}`;
}

/** Reads "2026-01-31 12:00[:00[.000]]", with a space or a T, on the given clock; null where it is no time. */
export function parseTimestamp(text: string, clock: Clock): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?Z?$/.exec(text.trim());
  if (match === null) return null;
  const parsed = Date.parse(`${match[1]}T${match[2]}${match[3] ?? ':00'}${clock === 'utc' ? 'Z' : ''}`);
  return Number.isNaN(parsed) ? null : parsed;
}
