/** Numbers for people. Exact values are always shown as the server wrote them; these are the companions. */

const siSteps: readonly (readonly [number, string])[] = [
  [1e18, 'E'], [1e15, 'P'], [1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ'], [1e-9, 'n'],
];

/** Server's text of a float ("NaN", "+Inf", "1e+09") as a number. */
export function parseValue(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return Number(text);
}

/** SI form with at most `digits` significant digits: 1234567 is "1.235M". */
export function formatSi(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const step = siSteps.find(([limit]) => size >= limit * 0.9999999);
  if (step === undefined || size >= 1e21) return value.toExponential(digits - 1);
  return `${trimmed(value / step[0], digits)}${step[1]}`;
}

/** Axis ticks: as many digits as it takes to tell neighbouring ticks apart. */
export function formatTick(value: number, increment: number): string {
  if (value === 0) return '0';
  const digits = Math.max(1, Math.ceil(Math.log10(Math.abs(value) / Math.max(increment, Number.MIN_VALUE)) + 1));
  return formatSi(value, Math.min(Math.max(digits, 3), 15));
}

/** A second reading of a value where the raw digits are hard to read; null where they are not. */
export function readableValue(metricName: string | undefined, text: string): string | null {
  const value = parseValue(text);
  if (!Number.isFinite(value) || value === 0) return null;
  const size = Math.abs(value);
  const name = metricName ?? '';
  if (/_(timestamp|time)_seconds$/.test(name) && value > 1e8 && value < 4e9) {
    return `${new Date(value * 1000).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
  }
  if (/_bytes(_total|_sum)?$/.test(name) && size >= 1024) return formatBytes(value);
  if (/_seconds(_total|_sum)?$/.test(name) && size >= 120) return formatSeconds(value);
  if (size >= 10_000 || size < 0.001 || text.length > 9) {
    const short = formatSi(value);
    return short === text ? null : short;
  }
  return null;
}

export function formatBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${trimmed(size, 4)} ${units[unit]}`;
}

function formatSeconds(value: number): string {
  const sign = value < 0 ? '-' : '';
  let rest = Math.round(Math.abs(value));
  const parts: string[] = [];
  for (const [name, size] of [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${name}`);
    rest -= count * size;
  }
  return sign + parts.slice(0, 2).join(' ');
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}
