import type { Labels } from '../api/types';

/** What a graph draws, readable from outside: browser tests and curious people compare it with the API's answer. */
export interface ExposedGraph {
  readonly expr: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly stacked: boolean;
  /** The very arrays that the plot was given: times first, then one column per entry of `series`. */
  readonly data: readonly ArrayLike<number | null | undefined>[];
  readonly series: readonly { readonly labels: Labels; readonly visible: boolean }[];
}

declare global {
  interface Window {
    /** By the panel's place on the page; empty where a panel shows no graph. */
    __deucalionGraphs?: (ExposedGraph | undefined)[];
  }
}

/** Publishes a graph; the returned function takes it back. */
export function exposeGraph(panelIndex: number, graph: ExposedGraph): () => void {
  const graphs = (window.__deucalionGraphs ??= []);
  graphs[panelIndex] = graph;
  return () => {
    if (graphs[panelIndex] === graph) graphs[panelIndex] = undefined;
  };
}
