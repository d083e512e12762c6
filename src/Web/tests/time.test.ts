import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../src/time/duration';
import { autoStep, nextLongerRange, nextShorterRange } from '../src/time/range';
import { formatTimestamp, parseTimestamp, toInputValue } from '../src/time/timestamp';

describe('durations', () => {
  it.each([
    ['1h', 3_600_000], ['1h30m', 5_400_000], ['90s', 90_000], ['250ms', 250], ['1d', 86_400_000], ['15', 15_000], ['1y2w3d', 365 * 86_400_000 + 17 * 86_400_000],
  ])('reads %s', (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(['', '0s', '-1h', '1x', '1m1h', 'h', '1.5h', '1h 30m'])('refuses "%s"', (text) => expect(parseDuration(text)).toBeNull());

  it.each([[5_400_000, '1h30m'], [14_000, '14s'], [60_000, '1m'], [86_400_000, '1d'], [7 * 86_400_000, '1w'], [1_500, '1s500ms'], [0, '0s']])(
    'writes %d as %s', (milliseconds, expected) => expect(formatDuration(milliseconds)).toBe(expected));

  it('survives a round trip', () => {
    for (const value of [1, 999, 1_001, 61_000, 3_661_000, 90_061_001, 400 * 86_400_000]) expect(parseDuration(formatDuration(value))).toBe(value);
  });
});

describe('ranges', () => {
  it('walks the ladder both ways and stays at its ends', () => {
    expect(nextLongerRange(3_600_000)).toBe(7_200_000);
    expect(nextShorterRange(3_600_000)).toBe(1_800_000);
    expect(nextLongerRange(3_700_000)).toBe(7_200_000);
    expect(nextShorterRange(1_000)).toBe(1_000);
  });

  it('chooses the step that Prometheus chooses', () => {
    expect(autoStep(3_600_000)).toBe(14_000);
    expect(autoStep(86_400_000)).toBe(345_000);
    expect(autoStep(60_000)).toBe(1_000);
  });
});

describe('timestamps', () => {
  const noon = Date.UTC(2026, 0, 31, 12, 0, 5);

  it('writes UTC', () => {
    expect(formatTimestamp(noon, 'utc')).toBe('2026-01-31 12:00:05');
    expect(formatTimestamp(noon + 7, 'utc')).toBe('2026-01-31 12:00:05.007');
    expect(toInputValue(noon, 'utc')).toBe('2026-01-31T12:00:05');
  });

  it('reads what it wrote, on either clock', () => {
    for (const clock of ['utc', 'local'] as const) expect(parseTimestamp(formatTimestamp(noon + 7, clock), clock)).toBe(noon + 7);
  });

  it.each(['', 'now', '2026-13-01 00:00:00', '12:00'])('refuses "%s"', (text) => expect(parseTimestamp(text, 'utc')).toBeNull());
});
