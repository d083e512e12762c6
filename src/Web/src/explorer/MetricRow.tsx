import { Badge, UnstyledButton } from '@mantine/core';
import classes from './MetricsExplorer.module.css';
import type { MetricEntry } from './search';

const colors: Readonly<Record<string, string>> = { counter: 'teal', gauge: 'blue', histogram: 'grape', summary: 'orange' };

export function MetricRow({ entry: { name, metadata }, onPick }: { readonly entry: MetricEntry; readonly onPick: (metric: string) => void }) {
  const known = metadata !== undefined && metadata.type !== '' && metadata.type !== 'unknown';
  return (
    <UnstyledButton className={classes['row']} onClick={() => onPick(name)} data-testid="metric">
      <span className={classes['head']}>
        <span className={classes['name']}>{name}</span>
        {known && <Badge size="xs" radius="sm" variant="light" color={colors[metadata.type] ?? 'gray'} tt="none" fw={500}>{metadata.type}</Badge>}
      </span>
      {metadata !== undefined && metadata.help !== '' && <span className={classes['help']}>{metadata.help}</span>}
    </UnstyledButton>
  );
}
