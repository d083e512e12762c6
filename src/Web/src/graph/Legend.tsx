import { useComputedColorScheme, UnstyledButton } from '@mantine/core';
import { memo, useState } from 'react';
import { SeriesLabels } from '../format/SeriesLabels';
import type { GraphSeries } from './alignSeries';
import classes from './Legend.module.css';
import { seriesColor } from './palette';
import type { Hidden } from './visibility';

/** Rows before "show more": enough to read, few enough to stay quick. */
const pageSize = 100;

interface Props {
  readonly series: readonly GraphSeries[];
  readonly hidden: Hidden;
  readonly onClick: (index: number, additive: boolean) => void;
  readonly onFocus: (index: number | null) => void;
}

export const Legend = memo(function Legend({ series, hidden, onClick, onFocus }: Props) {
  const scheme = useComputedColorScheme('light');
  const [limit, setLimit] = useState(pageSize);

  return (
    <div className={classes['legend']} role="group" aria-label="Series" data-testid="legend">
      {series.slice(0, limit).map(({ labels }, index) => (
        <UnstyledButton key={index} className={classes['row']} aria-pressed={!hidden.has(index)} title="Click: only this series. Ctrl+click: hide or show it."
          onClick={(event) => onClick(index, event.ctrlKey || event.metaKey)}
          onMouseEnter={() => onFocus(index)} onMouseLeave={() => onFocus(null)}
          onFocus={() => onFocus(index)} onBlur={() => onFocus(null)}>
          <span className={classes['swatch']} style={{ background: seriesColor(index, scheme) }} />
          <SeriesLabels labels={labels} />
        </UnstyledButton>
      ))}
      {series.length > limit && (
        <UnstyledButton className={classes['more']} onClick={() => setLimit((now) => now * 5)}>
          {(series.length - limit).toLocaleString('en')} more series
        </UnstyledButton>
      )}
    </div>
  );
});
