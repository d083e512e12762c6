import { memo } from 'react';
import type { Labels } from '../api/types';
import { formatLabels, labelPairs } from './labels';
import classes from './SeriesLabels.module.css';

/** A series' labels with the name and the label names set apart by weight and colour. */
export const SeriesLabels = memo(function SeriesLabels({ labels }: { readonly labels: Labels }) {
  const pairs = labelPairs(labels);
  const name = labels['__name__'];
  return (
    <span className={classes['series']} data-series={formatLabels(labels)}>
      {name !== undefined && <strong>{name}</strong>}
      {(pairs.length > 0 || name === undefined) && (
        <>
          {'{'}
          {pairs.map(([key, value], index) => (
            <span key={key}>
              {index > 0 && ', '}
              <span className={classes['key']}>{key}</span>=<span>{JSON.stringify(value)}</span>
            </span>
          ))}
          {'}'}
        </>
      )}
    </span>
  );
});
