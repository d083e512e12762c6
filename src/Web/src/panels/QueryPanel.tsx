import { Button, Paper, Tabs } from '@mantine/core';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { QueryData } from '../api/types';
import { useApi } from '../api/useApi';
import { QueryEditor, type EditorHandle } from '../editor/QueryEditor';
import { Icon } from '../layout/Icon';
import { IconButton } from '../layout/IconButton';
import type { PanelState } from '../state/pageState';
import { useSettings } from '../state/settings';
import { EditorActions } from './EditorActions';
import { GraphControls } from './GraphControls';
import { panelRequest, type PanelRequest } from './panelRequest';
import { PanelResult } from './PanelResult';
import classes from './QueryPanel.module.css';
import { QueryInfo } from './QueryInfo';
import { TimeControls } from './TimeControls';

interface Props {
  readonly panel: PanelState;
  readonly index: number;
  readonly onChange: (id: number, patch: Partial<PanelState>) => void;
  readonly onDuplicate: (id: number) => void;
  readonly onRemove: (id: number) => void;
}

export const QueryPanel = memo(function QueryPanel({ panel, index, onChange, onDuplicate, onRemove }: Props) {
  const { tenant } = useSettings();
  const { id, expr, tab, range, end, step } = panel;
  const editor = useRef<EditorHandle>(null);
  const [draft, setDraft] = useState(expr);
  const [run, setRun] = useState(0);
  useEffect(() => setDraft(expr), [expr]);

  // `run` is what makes the same question worth asking again.
  const request = useMemo(() => panelRequest({ expr, tab, range, end, step }, tenant, Date.now()), [expr, tab, range, end, step, tenant, run]);
  const result = useApi<QueryData, PanelRequest>(request);

  const change = useCallback((patch: Partial<PanelState>) => onChange(id, patch), [id, onChange]);
  const execute = useCallback((text: string) => {
    if (text !== expr) change({ expr: text });
    setRun((count) => count + 1);
  }, [expr, change]);

  return (
    <Paper withBorder component="section" aria-label={`Query ${index + 1}`} className={classes['panel']} data-testid={`panel-${index}`}>
      {result.loading && <div className={classes['track']}><div className={classes['progress']} /></div>}
      <div className={classes['query']}>
        <QueryEditor ref={editor} value={draft} onChange={setDraft} onExecute={execute} tenant={tenant} />
        <EditorActions editor={editor} draft={draft} onDraft={setDraft} tenant={tenant} />
        <Button size="xs" h={32} leftSection={<Icon name="play" size={12} />} disabled={draft.trim() === ''}
          onClick={() => execute(draft)} data-testid="execute">
          Run
        </Button>
        <IconButton icon="copy" label="Duplicate this query" size={32} onClick={() => onDuplicate(id)} testId="duplicate-panel" />
        <IconButton icon="close" label="Remove this query" size={32} onClick={() => onRemove(id)} testId="remove-panel" />
      </div>
      <Tabs value={tab} onChange={(value) => change({ tab: value === 'table' ? 'table' : 'graph' })} keepMounted={false} variant="pills">
        <div className={classes['toolbar']}>
          <Tabs.List aria-label="Result as">
            <Tabs.Tab value="graph" leftSection={<Icon name="graph" size={14} />} data-testid="tab-graph">Graph</Tabs.Tab>
            <Tabs.Tab value="table" leftSection={<Icon name="table" size={14} />} data-testid="tab-table">Table</Tabs.Tab>
          </Tabs.List>
          {tab === 'graph' ? <GraphControls panel={panel} onChange={change} /> : <TimeControls end={end} range={range} onChange={change} />}
          <QueryInfo result={result} />
        </div>
        <Tabs.Panel value={tab}>
          <PanelResult panel={panel} index={index} result={result} onChange={change} onExample={execute} />
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
});
