import { Button } from '@mantine/core';
import { useCallback } from 'react';
import { Icon } from '../layout/Icon';
import { newPanel, type PanelState } from '../state/pageState';
import type { UpdatePage } from '../state/usePageState';
import { QueryPanel } from './QueryPanel';
import classes from './QueryPage.module.css';

interface Props {
  readonly panels: readonly PanelState[];
  readonly update: UpdatePage;
}

export function QueryPage({ panels, update }: Props) {
  const setPanels = useCallback(
    (change: (panels: readonly PanelState[]) => readonly PanelState[]) => update((page) => ({ ...page, panels: change(page.panels) })),
    [update],
  );
  const change = useCallback(
    (id: number, patch: Partial<PanelState>) => setPanels((all) => all.map((panel) => (panel.id === id ? { ...panel, ...patch } : panel))),
    [setPanels],
  );
  const duplicate = useCallback(
    (id: number) => setPanels((all) => all.flatMap((panel) => (panel.id === id ? [panel, newPanel(panel)] : [panel]))),
    [setPanels],
  );
  const remove = useCallback(
    (id: number) => setPanels((all) => (all.length === 1 ? [newPanel()] : all.filter((panel) => panel.id !== id))),
    [setPanels],
  );
  const add = useCallback(() => setPanels((all) => [...all, newPanel()]), [setPanels]);

  return (
    <div className={classes['page']}>
      {panels.map((panel, index) => (
        <QueryPanel key={panel.id} panel={panel} index={index} onChange={change} onDuplicate={duplicate} onRemove={remove} />
      ))}
      <Button variant="default" size="xs" className={classes['add']} leftSection={<Icon name="plus" size={14} />} onClick={add} data-testid="add-panel">
        Add query
      </Button>
    </div>
  );
}
