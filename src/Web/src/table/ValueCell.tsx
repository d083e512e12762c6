import { readableValue } from '../format/values';
import { useSettings } from '../state/settings';
import { formatTimestamp } from '../time/timestamp';
import { HistogramValue } from './HistogramValue';
import type { ResultRow } from './rows';
import classes from './ValueCell.module.css';

/** Samples of one series that a range selector lists before it is cut short. */
const sampleLimit = 50;

interface Props {
  readonly row: ResultRow;
  /** Range selectors list their samples with times. */
  readonly withTimes: boolean;
  /** A string is no number to be read. */
  readonly plain: boolean;
}

export function ValueCell({ row, withTimes, plain }: Props) {
  const { clock } = useSettings();
  const name = row.labels?.['__name__'];
  const omitted = row.samples.length - sampleLimit;

  return (
    <>
      {row.samples.slice(-sampleLimit).map(([time, value]) => {
        const readable = plain ? null : readableValue(name, value);
        return (
          <div key={time} className={classes['line']}>
            {readable !== null && <span className={classes['readable']}>{readable}</span>}
            <span className={classes['exact']}>{value}</span>
            {withTimes && <span className={classes['time']}>{formatTimestamp(Math.round(time * 1000), clock)}</span>}
          </div>
        );
      })}
      {omitted > 0 && <div className="dim">{omitted.toLocaleString('en')} earlier samples</div>}
      {row.histograms.slice(-sampleLimit).map(([time, histogram]) => (
        <HistogramValue key={time} histogram={histogram} time={withTimes ? formatTimestamp(Math.round(time * 1000), clock) : null} />
      ))}
    </>
  );
}
