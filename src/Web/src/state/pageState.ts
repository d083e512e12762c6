import { defaultRange } from '../time/range';

export type PanelTab = 'table' | 'graph';

/** One query panel. Everything but the id is in the URL. */
export interface PanelState {
  /** Identity within this page view only. */
  readonly id: number;
  readonly expr: string;
  readonly tab: PanelTab;
  /** Milliseconds. */
  readonly range: number;
  /** Unix milliseconds; null is "now", decided at each run. */
  readonly end: number | null;
  /** Milliseconds; null is automatic. */
  readonly step: number | null;
  readonly stacked: boolean;
}

export type View = 'query' | 'cluster' | 'status';

export interface PageState {
  readonly view: View;
  /** Empty is the server's default tenant. */
  readonly tenant: string;
  readonly panels: readonly PanelState[];
}

let lastId = 0;

export function newPanel(values: Partial<Omit<PanelState, 'id'>> = {}): PanelState {
  lastId += 1;
  return { expr: '', tab: 'graph', range: defaultRange, end: null, step: null, stacked: false, ...values, id: lastId };
}
