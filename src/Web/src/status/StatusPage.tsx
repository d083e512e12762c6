import { useMemo } from 'react';
import type { BuildInfo, TsdbStatus } from '../api/types';
import { useApi } from '../api/useApi';
import { formatBytes } from '../format/values';
import { ErrorNotice } from '../panels/ErrorNotice';
import { useSettings } from '../state/settings';
import { formatTimestamp } from '../time/timestamp';
import { CountTable } from './CountTable';
import { FactTable } from './FactTable';
import classes from './StatusPage.module.css';

const buildFacts: readonly (readonly [string, string])[] = [
  ['version', 'Version'], ['revision', 'Revision'], ['branch', 'Branch'], ['buildUser', 'Built by'], ['buildDate', 'Built'], ['goVersion', 'Runtime'],
];

/** What runs here and what its head holds for the chosen tenant. */
export function StatusPage() {
  const { tenant, clock } = useSettings();
  const build = useApi<BuildInfo>(useMemo(() => ({ path: 'status/buildinfo', tenant }), [tenant]));
  const tsdb = useApi<TsdbStatus>(useMemo(() => ({ path: 'status/tsdb', tenant }), [tenant]));
  const info = build.answer?.data;
  const status = tsdb.answer?.data;
  const count = (value: number): string => value.toLocaleString('en');
  // An empty head reports the extremes of the time type, which are no dates.
  const time = (value: number): string => (Math.abs(value) < 8.64e15 ? `${formatTimestamp(value, clock)}${clock === 'utc' ? ' UTC' : ''}` : '–');

  return (
    <div className={classes['page']} data-testid="status-page">
      {build.error !== null && <ErrorNotice error={build.error} />}
      {tsdb.error !== null && <ErrorNotice error={tsdb.error} />}
      <div className={classes['grid']}>
        {info !== undefined && (
          <FactTable title="Build" facts={buildFacts.flatMap(([key, label]) => (info[key] ? [[label, info[key]] as const] : []))} />
        )}
        {status !== undefined && (
          <FactTable title="Head" facts={[
            ['Series', count(status.headStats.numSeries)],
            ['Label pairs', count(status.headStats.numLabelPairs)],
            ['Chunks', count(status.headStats.chunkCount)],
            ['Oldest sample', time(status.headStats.minTime)],
            ['Newest sample', time(status.headStats.maxTime)],
          ]} />
        )}
      </div>
      {status !== undefined && (
        <div className={classes['grid']}>
          <CountTable title="Series by metric name" unit="Series" rows={status.seriesCountByMetricName} format={count} />
          <CountTable title="Series by label pair" unit="Series" rows={status.seriesCountByLabelValuePair} format={count} />
          <CountTable title="Values by label name" unit="Values" rows={status.labelValueCountByLabelName} format={count} />
          <CountTable title="Memory by label name" unit="Memory" rows={status.memoryInBytesByLabelName} format={formatBytes} />
        </div>
      )}
    </div>
  );
}
