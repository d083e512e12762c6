import { describe, expect, it } from 'vitest';
import { formatBucketRange, summarizeHistogram } from '../src/format/histogram';
import { formatLabels } from '../src/format/labels';
import { formatSi, formatTick, parseValue, readableValue } from '../src/format/values';

describe('values', () => {
  it.each([['NaN', NaN], ['+Inf', Infinity], ['-Inf', -Infinity], ['1e+09', 1e9], ['0.30000000000000004', 0.1 + 0.2]])(
    'reads %s', (text, expected) => expect(parseValue(text)).toBe(expected));

  it.each([[0, '0'], [1234567, '1.235M'], [0.00123, '1.23m'], [-45000, '-45k'], [999.99999, '1k'], [Infinity, '+Inf'], [1, '1']])(
    'writes %d as %s', (value, expected) => expect(formatSi(value)).toBe(expected));

  it('keeps neighbouring ticks apart', () => {
    expect(formatTick(1_000_000, 10)).not.toBe(formatTick(1_000_010, 10));
    expect(formatTick(0.25, 0.05)).toBe('250m');
  });

  it('adds a readable form only where it helps', () => {
    expect(readableValue('x', '42')).toBeNull();
    expect(readableValue('process_resident_memory_bytes', '104857600')).toBe('100 MiB');
    expect(readableValue('process_start_time_seconds', '1767225600')).toBe('2026-01-01 00:00:00 UTC');
    expect(readableValue('process_cpu_seconds_total', '90061')).toBe('1d 1h');
    expect(readableValue(undefined, '1234567')).toBe('1.235M');
    expect(readableValue(undefined, 'NaN')).toBeNull();
  });
});

describe('labels', () => {
  it('makes a selector that finds the same series', () => {
    expect(formatLabels({ __name__: 'up', job: 'a', instance: 'h:1' })).toBe('up{instance="h:1", job="a"}');
    expect(formatLabels({ __name__: 'up' })).toBe('up');
    expect(formatLabels({})).toBe('{}');
    expect(formatLabels({ path: 'a"b\\c' })).toBe('{path="a\\"b\\\\c"}');
    expect(formatLabels({ __name__: 'http.requests', 'service.name': 'x' })).toBe('{"http.requests", "service.name"="x"}');
  });
});

describe('native histograms', () => {
  it('are summed up in one line', () => {
    expect(summarizeHistogram({ count: '4', sum: '10', buckets: [[0, '1', '2', '4']] })).toBe('count 4 · sum 10 · mean 2.5 · 1 bucket');
    expect(summarizeHistogram({ count: '0', sum: '0' })).toBe('count 0 · sum 0 · 0 buckets');
  });

  it('show which bounds belong to a bucket', () => {
    expect(formatBucketRange([0, '1', '2', '1'])).toBe('(1, 2]');
    expect(formatBucketRange([3, '-1', '1', '1'])).toBe('[-1, 1]');
  });
});
