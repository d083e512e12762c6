import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { IconButton } from '../layout/IconButton';
import type { PanelState } from '../state/pageState';
import { useSettings } from '../state/settings';
import { parseTimestamp, toInputValue } from '../time/timestamp';
import classes from './Controls.module.css';

interface Props {
  /** Unix milliseconds; null is now. */
  readonly end: number | null;
  /** The arrows shift by half of it. */
  readonly range: number;
  readonly onChange: (patch: Partial<PanelState>) => void;
}

/** The moment of a table and the end of a graph: one and the same, so that switching tabs stays at it. */
export function TimeControls({ end, range, onChange }: Props) {
  const { clock } = useSettings();
  const committed = end === null ? '' : toInputValue(end, clock);
  const [draft, setDraft] = useState(committed);
  useEffect(() => setDraft(committed), [committed]);

  const shift = (direction: -1 | 1): void => {
    const next = Math.round((end ?? Date.now()) + (direction * range) / 2);
    onChange({ end: next >= Date.now() ? null : Math.floor(next / 1000) * 1000 });
  };
  const commit = (): void => {
    const parsed = parseTimestamp(draft, clock);
    if (parsed === null) setDraft(committed);
    else if (draft !== committed) onChange({ end: parsed });
  };

  return (
    <div className={classes['group']} role="group" aria-label="Time">
      <IconButton icon="left" label="Earlier" onClick={() => shift(-1)} testId="time-earlier" />
      <TextInput type="datetime-local" step={1} size="xs" w={186} value={draft} aria-label={`End time (${clock})`} data-testid="end-time" data-open={end === null}
        onChange={(event) => setDraft(event.currentTarget.value)} onBlur={commit} onKeyDown={(event) => { if (event.key === 'Enter') commit(); }} />
      <IconButton icon="right" label="Later" disabled={end === null} onClick={() => shift(1)} testId="time-later" />
      <Button size="compact-xs" variant={end === null ? 'light' : 'subtle'} aria-pressed={end === null} onClick={() => onChange({ end: null })} data-testid="time-now">
        Now
      </Button>
    </div>
  );
}
