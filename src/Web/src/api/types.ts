/** The parts of the HTTP API's answers that the page reads. */

export type Labels = Readonly<Record<string, string>>;

/** Seconds and the value as the server wrote it: kept as text so that nothing is rounded. */
export type Sample = readonly [time: number, value: string];

/** Boundary rule (0 open left, 1 open right, 2 both open, 3 both closed), lower, upper, count. */
export type Bucket = readonly [rule: number, lower: string, upper: string, count: string];

export interface Histogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly Bucket[];
}

export type HistogramSample = readonly [time: number, histogram: Histogram];

export interface VectorItem {
  readonly metric: Labels;
  readonly value?: Sample;
  readonly histogram?: HistogramSample;
}

export interface MatrixItem {
  readonly metric: Labels;
  readonly values?: readonly Sample[];
  readonly histograms?: readonly HistogramSample[];
}

export type QueryData =
  | { readonly resultType: 'vector'; readonly result: readonly VectorItem[] }
  | { readonly resultType: 'matrix'; readonly result: readonly MatrixItem[] }
  | { readonly resultType: 'scalar' | 'string'; readonly result: Sample };

export interface MatrixData {
  readonly resultType: 'matrix';
  readonly result: readonly MatrixItem[];
}

export interface Metadata {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export type BuildInfo = Readonly<Record<string, string>>;

export interface NamedCount {
  readonly name: string;
  readonly value: number;
}

export interface TsdbStatus {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}
