import type { QueryData } from '../api/types';
import type { ApiState } from '../api/useApi';
import { formatDuration } from '../time/duration';
import type { PanelRequest } from './panelRequest';
import classes from './QueryInfo.module.css';

/** How long the answer took and how much it was. */
export function QueryInfo({ result }: { readonly result: ApiState<QueryData, PanelRequest> }) {
  const { answer, answered, duration, loading } = result;
  if (duration === null) return null;
  const parts = [duration < 1000 ? `${Math.round(duration)} ms` : `${(duration / 1000).toFixed(2)} s`];
  if (answer !== null && answered !== null) {
    const data = answer.data;
    if (data.resultType === 'vector' || data.resultType === 'matrix') {
      parts.push(`${data.result.length.toLocaleString('en')} series`);
    } else {
      parts.push(data.resultType);
    }
    if (answered.kind === 'graph') parts.push(`step ${formatDuration(answered.step * 1000)}`);
  }
  return <span className={classes['info']} data-loading={loading} role="status" data-testid="query-info">{parts.join(' · ')}</span>;
}
