import type { ApiRequest } from '../api/useApi';
import type { PanelState } from '../state/pageState';
import { autoStep } from '../time/range';

/** What a panel asked, in the API's units (seconds). */
export type PanelRequest = ApiRequest & { readonly expr: string } & (
  | { readonly kind: 'table'; readonly time: number }
  | { readonly kind: 'graph'; readonly start: number; readonly end: number; readonly step: number }
);

/** The request of a panel as it stands; `now` (Unix milliseconds) fills in for an open end. */
export function panelRequest(panel: Omit<PanelState, 'id' | 'stacked'>, tenant: string, now: number): PanelRequest | null {
  const expr = panel.expr.trim();
  if (expr === '') return null;

  if (panel.tab === 'table') {
    const time = (panel.end ?? now) / 1000;
    return { kind: 'table', path: 'query', tenant, expr, time, form: { query: expr, time: String(time) } };
  }
  // Whole seconds read better on the axis and in the tooltip.
  const end = (panel.end ?? Math.floor(now / 1000) * 1000) / 1000;
  const step = (panel.step ?? autoStep(panel.range)) / 1000;
  const start = Math.round(end * 1000 - panel.range) / 1000;
  return {
    kind: 'graph', path: 'query_range', tenant, expr, start, end, step,
    form: { query: expr, start: String(start), end: String(end), step: String(step) },
  };
}
