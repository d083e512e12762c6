const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Steps of the − and + buttons, in milliseconds. */
export const rangeLadder: readonly number[] = [
  1_000, 10_000, minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 6 * hour, 12 * hour,
  day, 2 * day, 7 * day, 14 * day, 28 * day, 56 * day, 182 * day, 365 * day, 730 * day,
];

export const defaultRange = hour;

/** Points per series that an automatic resolution aims at. */
const targetPoints = 250;

export function nextLongerRange(range: number): number {
  return rangeLadder.find((candidate) => candidate > range) ?? range;
}

export function nextShorterRange(range: number): number {
  return rangeLadder.findLast((candidate) => candidate < range) ?? range;
}

/** Automatic step in milliseconds: whole seconds, except below one second per point. */
export function autoStep(range: number): number {
  const raw = range / targetPoints;
  return raw >= 1_000 ? Math.floor(raw / 1_000) * 1_000 : Math.max(Math.floor(raw), range >= 60_000 ? 1_000 : 100);
}
