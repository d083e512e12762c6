import type { Bucket, Histogram } from '../api/types';
import { formatSi, parseValue } from './values';

/** One line for a native histogram: "count 12 · sum 3.4 · mean 0.28 · 7 buckets". */
export function summarizeHistogram(histogram: Histogram): string {
  const count = parseValue(histogram.count);
  const parts = [`count ${histogram.count}`, `sum ${histogram.sum}`];
  if (count > 0) parts.push(`mean ${formatSi(parseValue(histogram.sum) / count)}`);
  const buckets = histogram.buckets?.length ?? 0;
  parts.push(buckets === 1 ? '1 bucket' : `${buckets} buckets`);
  return parts.join(' · ');
}

/** Interval notation by the bucket's boundary rule: (0.5, 1]. */
export function formatBucketRange([rule, lower, upper]: Bucket): string {
  const open = rule === 1 || rule === 3 ? '[' : '(';
  const close = rule === 0 || rule === 3 ? ']' : ')';
  return `${open}${lower}, ${upper}${close}`;
}
