import { describe, expect, it } from 'vitest';
import { metricEntries, searchMetrics } from '../src/explorer/search';
import { timeTicks } from '../src/graph/timeTicks';
import { panelRequest } from '../src/panels/panelRequest';
import { resultRows } from '../src/table/rows';

describe('result rows', () => {
  it('hold what each kind of answer holds', () => {
    expect(resultRows({ resultType: 'scalar', result: [1, '2'] })).toEqual([{ labels: null, samples: [[1, '2']], histograms: [] }]);
    const histogram = { count: '1', sum: '1' };
    expect(resultRows({ resultType: 'vector', result: [{ metric: { a: 'b' }, histogram: [1, histogram] }] }))
      .toEqual([{ labels: { a: 'b' }, samples: [], histograms: [[1, histogram]] }]);
    expect(resultRows({ resultType: 'matrix', result: [{ metric: {}, values: [[1, '2'], [2, '3']] }] })[0]?.samples).toHaveLength(2);
  });
});

describe('requests of a panel', () => {
  const panel = { expr: ' up ', tab: 'graph', range: 3_600_000, end: null, step: null } as const;

  it('ask for a range up to the last whole second', () => {
    expect(panelRequest(panel, 't', 7_200_500)).toMatchObject({
      path: 'query_range', tenant: 't', form: { query: 'up', start: '3600', end: '7200', step: '14' },
    });
  });

  it('ask for one moment in a table', () => {
    expect(panelRequest({ ...panel, tab: 'table', end: 5_000 }, '', 9_000)).toMatchObject({ path: 'query', form: { query: 'up', time: '5' } });
  });

  it('ask nothing without an expression', () => expect(panelRequest({ ...panel, expr: ' ' }, '', 0)).toBeNull());
});

describe('search for metrics', () => {
  const entries = metricEntries(['b_http_total', 'http_requests_total', 'up', 'latency_bucket'], {
    up: [{ type: 'gauge', help: 'HTTP target reachable', unit: '' }],
    latency: [{ type: 'histogram', help: '', unit: '' }],
  });

  it('puts names that start with the text first, then names, then help', () => {
    expect(searchMetrics(entries, 'http').map((entry) => entry.name)).toEqual(['http_requests_total', 'b_http_total', 'up']);
    expect(searchMetrics(entries, 'target HTTP').map((entry) => entry.name)).toEqual(['up']);
    expect(searchMetrics(entries, '  ')).toBe(entries);
  });

  it('finds the metadata of a family by its parts', () => expect(entries[3]?.metadata?.type).toBe('histogram'));
});

describe('time axis', () => {
  it('names the date once and again when it changes', () => {
    const base = Date.UTC(2026, 0, 1, 23, 30) / 1000;
    expect(timeTicks([base, base + 900, base + 1800], 900, 'utc')).toEqual(['23:30\n2026-01-01', '23:45', '00:00\n2026-01-02']);
  });
});
