import { ActionIcon, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Icon } from '../layout/Icon';
import { useSettings } from '../state/settings';
import { formatTimestamp, parseTimestamp, toInputValue } from '../time/timestamp';
import classes from './Controls.module.css';

interface Props {
  /** Unix milliseconds; null is now. */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
}

/**
 * A moment as text, the same in every browser language, with the browser's own calendar behind a button.
 * Empty or "now" is now.
 */
export function TimeField({ value, onChange }: Props) {
  const { clock } = useSettings();
  const picker = useRef<HTMLInputElement>(null);
  const text = value === null ? '' : formatTimestamp(value, clock);
  const [draft, setDraft] = useState(text);
  useEffect(() => setDraft(text), [text]);

  const open = /^(now)?$/i.test(draft.trim());
  const parsed = parseTimestamp(draft, clock);
  const commit = (): void => {
    if ((parsed === null && !open) || draft === text) setDraft(text);
    else onChange(open ? null : parsed);
  };

  return (
    <div className={classes['time']}>
      <TextInput size="xs" w={180} value={draft} placeholder="now" aria-label={`End time (${clock})`} data-testid="end-time" autoComplete="off" spellCheck={false}
        error={parsed === null && !open} rightSectionWidth={28}
        rightSection={
          <ActionIcon variant="subtle" color="gray" size={22} aria-label="Open the calendar" onClick={() => picker.current?.showPicker()}>
            <Icon name="calendar" size={14} />
          </ActionIcon>
        }
        onChange={(event) => setDraft(event.currentTarget.value)} onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setDraft(text);
        }} />
      <input ref={picker} className={classes['picker']} type="datetime-local" step={1} tabIndex={-1} aria-hidden="true"
        value={toInputValue(value ?? Date.now(), clock)}
        onChange={(event) => onChange(parseTimestamp(event.currentTarget.value, clock))} />
    </div>
  );
}
