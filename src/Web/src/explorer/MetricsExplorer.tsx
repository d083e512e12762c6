import { Loader, Modal, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import type { Metadata } from '../api/types';
import { useApi } from '../api/useApi';
import { Icon } from '../layout/Icon';
import { ErrorNotice } from '../panels/ErrorNotice';
import classes from './MetricsExplorer.module.css';
import { MetricRow } from './MetricRow';
import { metricEntries, searchMetrics } from './search';

/** Rows rendered at once; searching is the way to the rest. */
const rowLimit = 200;

interface Props {
  readonly tenant: string;
  readonly onPick: (metric: string) => void;
  readonly onClose: () => void;
}

export function MetricsExplorer({ tenant, onPick, onClose }: Props) {
  const [text, setText] = useState('');
  const wanted = useDeferredValue(text);
  const names = useApi<readonly string[]>(useMemo(() => ({ path: 'label/__name__/values', tenant }), [tenant]));
  // Missing metadata is no reason to hide the names.
  const metadata = useApi<Readonly<Record<string, readonly Metadata[]>>>(useMemo(() => ({ path: 'metadata', tenant }), [tenant]));

  const entries = useMemo(() => metricEntries(names.answer?.data ?? [], metadata.answer?.data ?? {}), [names.answer, metadata.answer]);
  const found = useMemo(() => searchMetrics(entries, wanted), [entries, wanted]);
  const first = found[0];

  return (
    <Modal opened onClose={onClose} title="Metrics" size="xl" closeButtonProps={{ 'aria-label': 'Close' }} data-testid="metrics-explorer">
      <TextInput size="sm" data-autofocus placeholder="Search names and help" aria-label="Search metrics" leftSection={<Icon name="search" />} value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === 'Enter' && first !== undefined) onPick(first.name); }} />
      <p className={classes['count']} role="status">
        {names.answer === null ? ' ' : `${found.length.toLocaleString('en')} of ${entries.length.toLocaleString('en')} metrics`}
      </p>
      {names.error !== null && <ErrorNotice error={names.error} />}
      {names.loading && names.answer === null && <Loader size="sm" aria-label="Loading" />}
      <div className={classes['list']}>
        {found.slice(0, rowLimit).map((entry) => <MetricRow key={entry.name} entry={entry} onPick={onPick} />)}
        {found.length > rowLimit && <p className={classes['count']}>The first {rowLimit} are shown: search to narrow the list.</p>}
      </div>
    </Modal>
  );
}
