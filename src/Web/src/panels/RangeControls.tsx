import { IconButton } from '../layout/IconButton';
import { nextLongerRange, nextShorterRange } from '../time/range';
import classes from './Controls.module.css';
import { DurationInput } from './DurationInput';

interface Props {
  readonly range: number;
  readonly onChange: (range: number) => void;
}

export function RangeControls({ range, onChange }: Props) {
  return (
    <div className={classes['group']} role="group" aria-label="Time range">
      <IconButton icon="minus" label="Shorter range" onClick={() => onChange(nextShorterRange(range))} testId="range-shorter" />
      <DurationInput value={range} label="Range" testId="range" width={72} onChange={(next) => { if (next !== null) onChange(next); }} />
      <IconButton icon="plus" label="Longer range" onClick={() => onChange(nextLongerRange(range))} testId="range-longer" />
    </div>
  );
}
