import { TextInput } from '@mantine/core';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { formatDuration, parseDuration } from '../time/duration';

interface Props {
  /** Milliseconds; null where the field is empty. */
  readonly value: number | null;
  readonly label: string;
  readonly testId: string;
  readonly placeholder?: string;
  readonly width: number;
  /** Whether an empty field means something. */
  readonly clearable?: boolean;
  readonly onChange: (value: number | null) => void;
}

export function DurationInput({ value, label, testId, placeholder, width, clearable = false, onChange }: Props) {
  const [draft, setDraft] = useState('');
  const text = value === null ? '' : formatDuration(value);
  useEffect(() => setDraft(text), [text]);

  const parsed = parseDuration(draft);
  const empty = draft.trim() === '';
  const valid = parsed !== null || (clearable && empty);
  const commit = (): void => {
    if (!valid) setDraft(text);
    else if (parsed !== value) onChange(parsed);
    else setDraft(text);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape') setDraft(text);
  };

  return (
    <TextInput size="xs" w={width} value={draft} placeholder={placeholder ?? ''} aria-label={label} error={!valid} data-testid={testId} autoComplete="off"
      spellCheck={false} onChange={(event) => setDraft(event.currentTarget.value)} onBlur={commit} onKeyDown={onKeyDown} />
  );
}
