import { useMemo } from 'react';
import type { QueryData } from '../api/types';
import type { PanelRequest } from '../panels/panelRequest';
import type { PanelState } from '../state/pageState';
import { alignSeries } from './alignSeries';
import classes from './Graph.module.css';
import { GraphView } from './GraphView';

export type GraphRequest = Extract<PanelRequest, { kind: 'graph' }>;

interface Props {
  readonly data: QueryData;
  readonly request: GraphRequest;
  readonly panelIndex: number;
  readonly stacked: boolean;
  readonly onChange: (patch: Partial<PanelState>) => void;
}

/** The answer of a range query: put on one time axis, then drawn; or why there is nothing to draw. */
export function GraphResult({ data, request, panelIndex, stacked, onChange }: Props) {
  const aligned = useMemo(
    () => alignSeries(data.resultType === 'matrix' ? data.result : [], request.start, request.end, request.step),
    [data, request],
  );
  const count = aligned.series.length;

  return (
    <>
      {aligned.skippedHistograms > 0 && (
        <p className={classes['note']}>{aligned.skippedHistograms.toLocaleString('en')} native histogram series have no line; the table shows them.</p>
      )}
      {count === 0
        ? <p className={classes['none']} data-testid="empty-result">No series in this time range.</p>
        // Another set of series starts with all of them visible.
        : <GraphView key={`${request.expr}|${count}`} aligned={aligned} request={request} panelIndex={panelIndex} stacked={stacked} onChange={onChange} />}
    </>
  );
}
