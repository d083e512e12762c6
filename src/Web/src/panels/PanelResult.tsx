import { Loader } from '@mantine/core';
import type { QueryData } from '../api/types';
import type { ApiState } from '../api/useApi';
import { GraphResult } from '../graph/GraphResult';
import type { PanelState } from '../state/pageState';
import { ResultTable } from '../table/ResultTable';
import { EmptyPanel } from './EmptyPanel';
import { ErrorNotice } from './ErrorNotice';
import { Notices } from './Notices';
import type { PanelRequest } from './panelRequest';
import classes from './PanelResult.module.css';

interface Props {
  readonly panel: PanelState;
  readonly index: number;
  readonly result: ApiState<QueryData, PanelRequest>;
  readonly onChange: (patch: Partial<PanelState>) => void;
  readonly onExample: (expr: string) => void;
}

/** Whatever a panel has to show under its controls: an invitation, an error, or the answer with its warnings. */
export function PanelResult({ panel, index, result, onChange, onExample }: Props) {
  const { answer, answered, error, loading } = result;
  if (panel.expr.trim() === '') return <EmptyPanel onExample={onExample} />;
  if (error !== null) return <ErrorNotice error={error} />;
  if (answer === null && !loading) return <p className={classes['waiting']}>Not run.</p>;
  if (answer === null || answered === null || answered.kind !== panel.tab) {
    return <div className={classes['waiting']}><Loader size="sm" aria-label="Loading" /></div>;
  }
  return (
    <div className={classes['answer']} data-loading={loading} aria-busy={loading}>
      <Notices warnings={answer.warnings} infos={answer.infos} />
      {answered.kind === 'graph'
        ? <GraphResult data={answer.data} request={answered} panelIndex={index} stacked={panel.stacked} onChange={onChange} />
        : <ResultTable data={answer.data} />}
    </div>
  );
}
