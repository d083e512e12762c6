import { UnstyledButton } from '@mantine/core';
import type { QueryData } from '../api/types';
import type { ApiState } from '../api/useApi';
import { formatDuration } from '../time/duration';
import type { PanelRequest } from './panelRequest';
import classes from './QueryInfo.module.css';

type Result = ApiState<QueryData, PanelRequest>;

/** How long the answer took and how much it was; while one is awaited, the way to give it up. */
export function QueryInfo({ result }: { readonly result: Result }) {
  return (
    <span className={classes['info']}>
      {result.loading && <UnstyledButton className={classes['cancel']} onClick={result.cancel} data-testid="cancel">Cancel</UnstyledButton>}
      <span className={classes['text']} data-loading={result.loading} role="status" data-testid="query-info">{describe(result)}</span>
    </span>
  );
}

function describe({ answer, answered, duration }: Result): string {
  if (duration === null) return '';
  const parts = [duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(2)} s`];
  if (answer !== null && answered !== null) {
    const { resultType, result } = answer.data;
    parts.push(resultType === 'vector' || resultType === 'matrix' ? `${result.length.toLocaleString('en')} series` : resultType);
    if (answered.kind === 'graph') parts.push(`step ${formatDuration(answered.step * 1000)}`);
  }
  return parts.join(' · ');
}
