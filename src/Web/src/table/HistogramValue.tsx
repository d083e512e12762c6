import type { Histogram } from '../api/types';
import { formatBucketRange, summarizeHistogram } from '../format/histogram';
import { parseValue } from '../format/values';
import classes from './HistogramValue.module.css';

interface Props {
  readonly histogram: Histogram;
  /** Shown where a row has several. */
  readonly time: string | null;
}

/** A native histogram: its shape in small bars, its summary, and the buckets on request. */
export function HistogramValue({ histogram, time }: Props) {
  const buckets = histogram.buckets ?? [];
  const highest = buckets.reduce((most, bucket) => Math.max(most, parseValue(bucket[3])), 0);
  return (
    <details className={classes['histogram']} data-testid="histogram">
      <summary>
        <span className={classes['bars']} aria-hidden="true">
          {buckets.slice(0, 60).map((bucket, index) => (
            <span key={index} style={{ height: `${highest > 0 ? Math.max(6, (parseValue(bucket[3]) / highest) * 100) : 6}%` }} />
          ))}
        </span>
        <span>{summarizeHistogram(histogram)}</span>
        {time !== null && <span className="dim">{time}</span>}
      </summary>
      <table className={classes['buckets']}>
        <tbody>
          {buckets.map((bucket, index) => <tr key={index}><td>{formatBucketRange(bucket)}</td><td>{bucket[3]}</td></tr>)}
        </tbody>
      </table>
    </details>
  );
}
