import { describe, expect, it } from 'vitest';
import { alignSeries, sampleAt } from '../src/graph/alignSeries';
import { nearestPoint } from '../src/graph/nearest';
import { stackColumns } from '../src/graph/stack';
import { clickSeries, nothingHidden } from '../src/graph/visibility';
import { zoomedRange } from '../src/graph/zoom';

const always = (): boolean => true;

describe('alignment', () => {
  it('puts series on the grid of steps and leaves gaps', () => {
    const aligned = alignSeries([
      { metric: { a: '1' }, values: [[100, '1'], [110, '2'], [130, '4']] },
      { metric: { a: '2' }, values: [[110, 'NaN'], [120, '3'], [130, '+Inf']] },
    ], 100, 130, 10);
    expect(aligned.times).toEqual([100, 110, 120, 130]);
    expect(aligned.columns).toEqual([[1, 2, null, 4], [null, null, 3, null]]);
  });

  it('is exact on fractional starts and steps', () => {
    const values = Array.from({ length: 11 }, (_, index) => [Math.round((0.05 + index * 0.1) * 1000) / 1000, String(index)] as const);
    const aligned = alignSeries([{ metric: {}, values }], 0.05, 1.05, 0.1);
    expect(aligned.times).toEqual(values.map(([time]) => time));
    expect(aligned.columns[0]).toEqual(values.map((_, index) => index));
  });

  it('counts series that hold only histograms', () => {
    const aligned = alignSeries([{ metric: {}, histograms: [[1, { count: '1', sum: '1' }]] }], 0, 1, 1);
    expect(aligned).toMatchObject({ skippedHistograms: 1, columns: [] });
  });

  it('finds the sample behind a point', () => {
    const samples = [[100, 'a'], [110, 'b'], [130, 'c']] as const;
    expect(sampleAt(samples, 110, 10)?.[1]).toBe('b');
    expect(sampleAt(samples, 120, 10)).toBeNull();
    expect(sampleAt([], 120, 10)).toBeNull();
  });
});

describe('stacking', () => {
  it('adds up, over gaps and without hidden series', () => {
    const columns = [[1, null, 3], [10, 20, null], [100, 200, 300]];
    expect(stackColumns(columns, always)).toEqual([[1, null, 3], [11, 20, null], [111, 220, 303]]);
    expect(stackColumns(columns, (index) => index !== 1)[2]).toEqual([101, 200, 303]);
  });
});

describe('legend clicks', () => {
  it('isolate a series and bring all back', () => {
    const alone = clickSeries(nothingHidden, 1, 3, false);
    expect([...alone]).toEqual([0, 2]);
    expect(clickSeries(alone, 1, 3, false)).toEqual(nothingHidden);
    expect([...clickSeries(alone, 0, 3, false)]).toEqual([1, 2]);
  });

  it('toggle one with Ctrl, and never hide the last', () => {
    const one = clickSeries(nothingHidden, 1, 2, true);
    expect([...one]).toEqual([1]);
    expect(clickSeries(one, 0, 2, true)).toEqual(nothingHidden);
    expect(clickSeries(one, 1, 2, true).size).toBe(0);
  });
});

describe('pointing', () => {
  const columns = [[1, 1, 1], [5, null, 5], [9, 9, 9]];
  const identity = (value: number): number => value;

  it('takes the closest visible line', () => {
    expect(nearestPoint(columns, always, 1, 0, 1, 8, identity, identity)).toEqual({ series: 2, row: 1 });
    expect(nearestPoint(columns, (index) => index !== 2, 1, 0, 1, 8, identity, identity)).toEqual({ series: 0, row: 1 });
  });

  it('reaches over gaps', () => {
    expect(nearestPoint(columns, (index) => index === 1, 1, 1, 1.2, 5, identity, identity)).toEqual({ series: 1, row: 2 });
    expect(nearestPoint(columns, (index) => index === 1, 1, 0, 1, 5, identity, identity)).toBeNull();
  });
});

describe('zooming', () => {
  it('keeps to whole seconds where the stretch is long', () => {
    expect(zoomedRange(100.4, 220.2)).toEqual({ range: 121_000, end: 221_000 });
    expect(zoomedRange(100.25, 110.5)).toEqual({ range: 10_250, end: 110_500 });
    expect(zoomedRange(100, 100.1)).toEqual({ range: 1_000, end: 100_100 });
  });
});
