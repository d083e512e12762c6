import { Button } from '@mantine/core';
import { IconButton } from '../layout/IconButton';
import type { PanelState } from '../state/pageState';
import classes from './Controls.module.css';
import { TimeField } from './TimeField';

interface Props {
  /** Unix milliseconds; null is now. */
  readonly end: number | null;
  /** The arrows shift by half of it. */
  readonly range: number;
  readonly onChange: (patch: Partial<PanelState>) => void;
}

/** The moment of a table and the end of a graph: one and the same, so that switching tabs stays at it. */
export function TimeControls({ end, range, onChange }: Props) {
  const shift = (direction: -1 | 1): void => {
    const now = Date.now();
    const next = Math.floor(((end ?? now) + (direction * range) / 2) / 1000) * 1000;
    onChange({ end: next >= now ? null : next });
  };

  return (
    <div className={classes['group']} role="group" aria-label="Time">
      <IconButton icon="left" label="Earlier" onClick={() => shift(-1)} testId="time-earlier" />
      <TimeField value={end} onChange={(next) => onChange({ end: next })} />
      <IconButton icon="right" label="Later" disabled={end === null} onClick={() => shift(1)} testId="time-later" />
      {end !== null && <Button size="compact-xs" variant="subtle" onClick={() => onChange({ end: null })} data-testid="time-now">Now</Button>}
    </div>
  );
}
