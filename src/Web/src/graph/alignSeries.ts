import type { Labels, MatrixItem, Sample } from '../api/types';
import { parseValue } from '../format/values';

export interface GraphSeries {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}

export type Column = (number | null)[];

/** Series on one shared time axis, as the plot wants them. */
export interface AlignedSeries {
  /** Unix seconds, ascending. */
  readonly times: number[];
  readonly columns: readonly Column[];
  readonly series: readonly GraphSeries[];
  /** Series that hold only native histograms and therefore have no line. */
  readonly skippedHistograms: number;
}

/**
 * Puts every series on the grid of the query's steps, so that a missing step is a gap and not a longer line.
 * NaN and infinities have no place on an axis: they are gaps too.
 */
export function alignSeries(result: readonly MatrixItem[], start: number, end: number, step: number): AlignedSeries {
  const length = Math.floor((end - start) / step + 1e-6) + 1;
  const times = Array.from({ length }, (_, index) => Math.round(start * 1000 + index * step * 1000) / 1000);
  const series: GraphSeries[] = [];
  const columns: Column[] = [];
  let skippedHistograms = 0;

  for (const item of result) {
    if (item.values === undefined || item.values.length === 0) {
      skippedHistograms += 1;
      continue;
    }
    const column: Column = new Array<number | null>(length).fill(null);
    for (const [time, text] of item.values) {
      const index = Math.round((time - start) / step);
      const value = parseValue(text);
      if (index >= 0 && index < length && Number.isFinite(value)) column[index] = value;
    }
    series.push({ labels: item.metric, samples: item.values });
    columns.push(column);
  }
  return { times, columns, series, skippedHistograms };
}

/** The sample a drawn point stands for: the one nearest to the time, within half a step. */
export function sampleAt(samples: readonly Sample[], time: number, step: number): Sample | null {
  let low = 0;
  let high = samples.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.[0] ?? 0) < time - step / 2) low = middle + 1;
    else high = middle;
  }
  const found = samples[low];
  return found !== undefined && Math.abs(found[0] - time) <= step / 2 ? found : null;
}
