import type { Labels, Sample } from '../api/types';
import { labelPairs } from '../format/labels';
import { readableValue } from '../format/values';
import { formatTimestamp, type Clock } from '../time/timestamp';
import type { Pointed } from './plotOptions';
import classes from './Tooltip.module.css';

interface Props {
  readonly pointed: Pointed;
  readonly labels: Labels;
  readonly sample: Sample;
  readonly color: string;
  readonly clock: Clock;
}

/** The sample nearest to the pointer: when, how much (exactly as the server wrote it), and whose. */
export function Tooltip({ pointed, labels, sample: [time, value], color, clock }: Props) {
  const name = labels['__name__'];
  const readable = readableValue(name, value);
  const toLeft = pointed.x > pointed.width / 2;
  const style = {
    top: Math.min(pointed.y + 12, pointed.height * 0.55),
    ...(toLeft ? { right: pointed.width - pointed.x + 14 } : { left: pointed.x + 14 }),
  };

  return (
    <>
      <span className={classes['dot']} style={{ left: pointed.x, top: pointed.y, borderColor: color }} />
      <div className={classes['tooltip']} style={style} role="tooltip" data-testid="graph-tooltip" data-time={time} data-labels={JSON.stringify(labels)}>
        <div className={classes['time']}>{formatTimestamp(Math.round(time * 1000), clock)}{clock === 'utc' ? ' UTC' : ''}</div>
        <div className={classes['value']}>
          <span className={classes['swatch']} style={{ background: color }} />
          <strong data-testid="tooltip-value">{value}</strong>
          {readable !== null && <span className="dim">{readable}</span>}
        </div>
        {name !== undefined && <div className={classes['name']}>{name}</div>}
        <dl className={classes['labels']}>
          {labelPairs(labels).map(([key, text]) => (
            <div key={key}><dt>{key}</dt><dd>{text}</dd></div>
          ))}
        </dl>
      </div>
    </>
  );
}
