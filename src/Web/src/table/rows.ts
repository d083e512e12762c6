import type { HistogramSample, Labels, QueryData, Sample } from '../api/types';

/** One row of a result table, whatever kind of answer it came from. */
export interface ResultRow {
  /** Null for scalars and strings, which belong to no series. */
  readonly labels: Labels | null;
  readonly samples: readonly Sample[];
  readonly histograms: readonly HistogramSample[];
}

export function resultRows(data: QueryData): readonly ResultRow[] {
  switch (data.resultType) {
    case 'vector':
      return data.result.map((item) => ({
        labels: item.metric,
        samples: item.value === undefined ? [] : [item.value],
        histograms: item.histogram === undefined ? [] : [item.histogram],
      }));
    case 'matrix':
      return data.result.map((item) => ({ labels: item.metric, samples: item.values ?? [], histograms: item.histograms ?? [] }));
    case 'scalar':
    case 'string':
      return [{ labels: null, samples: [data.result], histograms: [] }];
  }
}
