import { formatDuration, parseDuration } from '../time/duration';
import { defaultRange } from '../time/range';
import { formatTimestamp, parseTimestamp } from '../time/timestamp';
import { newPanel, type PageState, type PanelState, type View } from './pageState';

/**
 * The page's state as a query string in Prometheus's style: g0.expr, g0.tab, g0.range_input, g0.end_input, g0.step_input,
 * g0.stacked, then g1… . Links made for Prometheus's own pages are understood too (numeric tabs, display_mode, moment_input).
 */
export function parsePageState(search: string, rememberedTenant: string): PageState {
  const params = new URLSearchParams(search);
  const panels: PanelState[] = [];
  for (let index = 0; hasPanel(params, index); index += 1) panels.push(parsePanel(params, index));

  // A link that carries queries but no tenant means the default tenant, whatever this browser used last.
  const tenant = params.get('tenant') ?? (panels.length > 0 ? '' : rememberedTenant);
  return {
    view: parseView(params.get('view')),
    tenant: tenant.trim(),
    panels: panels.length > 0 ? panels : [newPanel()],
  };
}

export function formatPageState(state: PageState): string {
  const params = new URLSearchParams();
  if (state.view !== 'query') params.set('view', state.view);
  if (state.tenant !== '') params.set('tenant', state.tenant);
  const untouched = state.panels.length === 1 && isUntouched(state.panels[0]);
  if (!untouched) state.panels.forEach((panel, index) => formatPanel(params, panel, index));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** New state from the URL that keeps the identity of panels in the same place, so that they are not rebuilt. */
export function keepIdentity(next: PageState, previous: PageState): PageState {
  return { ...next, panels: next.panels.map((panel, index) => ({ ...panel, id: previous.panels[index]?.id ?? panel.id })) };
}

function parseView(text: string | null): View {
  return text === 'status' || text === 'cluster' ? text : 'query';
}

function hasPanel(params: URLSearchParams, index: number): boolean {
  const prefix = `g${index}.`;
  return [...params.keys()].some((key) => key.startsWith(prefix));
}

function parsePanel(params: URLSearchParams, index: number): PanelState {
  const read = (name: string): string => params.get(`g${index}.${name}`) ?? '';
  const end = read('end_input') || read('moment_input');
  return newPanel({
    expr: read('expr'),
    tab: read('tab') === 'table' || read('tab') === '1' ? 'table' : 'graph',
    range: parseDuration(read('range_input')) ?? defaultRange,
    end: parseTimestamp(end, 'utc'),
    step: parseDuration(read('step_input')),
    stacked: read('stacked') === '1' || read('display_mode') === 'stacked',
  });
}

function formatPanel(params: URLSearchParams, panel: PanelState, index: number): void {
  const write = (name: string, value: string): void => params.set(`g${index}.${name}`, value);
  write('expr', panel.expr);
  write('tab', panel.tab);
  write('range_input', formatDuration(panel.range));
  if (panel.end !== null) write('end_input', formatTimestamp(panel.end, 'utc'));
  if (panel.step !== null) write('step_input', formatDuration(panel.step));
  if (panel.stacked) write('stacked', '1');
}

function isUntouched(panel: PanelState | undefined): boolean {
  return panel !== undefined && panel.expr === '' && panel.end === null && panel.step === null
    && panel.tab === 'graph' && panel.range === defaultRange && !panel.stacked;
}
