import { describe, expect, it } from 'vitest';
import { newPanel, type PageState } from '../src/state/pageState';
import { formatPageState, keepIdentity, parsePageState } from '../src/state/urlState';

function withoutIds(state: PageState): unknown {
  return { ...state, panels: state.panels.map(({ id: _, ...rest }) => rest) };
}

describe('state in the URL', () => {
  it('survives a round trip with several panels', () => {
    const state: PageState = {
      view: 'query',
      tenant: 'team/a',
      panels: [
        newPanel({ expr: 'sum by (job) (rate(x{a="b&c=d"}[5m]))', tab: 'graph', range: 7_200_000, end: Date.UTC(2026, 1, 3, 4, 5, 6), step: 30_000, stacked: true }),
        newPanel({ expr: 'up', tab: 'table' }),
      ],
    };
    expect(withoutIds(parsePageState(formatPageState(state), ''))).toEqual(withoutIds(state));
  });

  it('writes the names Prometheus uses', () => {
    const search = formatPageState({ view: 'query', tenant: '', panels: [newPanel({ expr: 'up', stacked: true, step: 15_000, end: 0 })] });
    expect(search).toBe('?g0.expr=up&g0.tab=graph&g0.range_input=1h&g0.end_input=1970-01-01+00%3A00%3A00&g0.step_input=15s&g0.stacked=1');
  });

  it('reads links made for Prometheus', () => {
    const panel = parsePageState('?g0.expr=up&g0.tab=1&g0.moment_input=2026-01-01%2010%3A00%3A00&g0.display_mode=stacked&g0.show_exemplars=0', '').panels[0];
    expect(panel).toMatchObject({ expr: 'up', tab: 'table', end: Date.UTC(2026, 0, 1, 10), stacked: true });
    expect(parsePageState('?g0.expr=up&g0.tab=0', '').panels[0]?.tab).toBe('graph');
  });

  it('falls back to defaults for what makes no sense', () => {
    const panel = parsePageState('?g0.expr=up&g0.range_input=soon&g0.step_input=x&g0.end_input=y', '').panels[0];
    expect(panel).toMatchObject({ range: 3_600_000, step: null, end: null });
  });

  it('leaves the bare page bare', () => {
    expect(formatPageState(parsePageState('', ''))).toBe('');
  });

  it('uses the remembered tenant only where the link carries no queries', () => {
    expect(parsePageState('', 'blue').tenant).toBe('blue');
    expect(parsePageState('?g0.expr=up', 'blue').tenant).toBe('');
    expect(parsePageState('?g0.expr=up&tenant=red', 'blue').tenant).toBe('red');
  });

  it('names the view that is not of queries', () => {
    for (const view of ['cluster', 'status'] as const) expect(parsePageState(formatPageState({ ...parsePageState('', ''), view }), '').view).toBe(view);
    expect(parsePageState('?view=nowhere', '').view).toBe('query');
  });

  it('keeps the identity of panels in the same place', () => {
    const previous = parsePageState('?g0.expr=a&g1.expr=b', '');
    const next = keepIdentity(parsePageState('?g0.expr=c', ''), previous);
    expect(next.panels.map((panel) => panel.id)).toEqual([previous.panels[0]?.id]);
  });
});
