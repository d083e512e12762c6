import { Switch } from '@mantine/core';
import type { PanelState } from '../state/pageState';
import { formatDuration } from '../time/duration';
import { autoStep } from '../time/range';
import classes from './Controls.module.css';
import { DurationInput } from './DurationInput';
import { RangeControls } from './RangeControls';
import { TimeControls } from './TimeControls';

interface Props {
  readonly panel: PanelState;
  readonly onChange: (patch: Partial<PanelState>) => void;
}

export function GraphControls({ panel, onChange }: Props) {
  return (
    <>
      <RangeControls range={panel.range} onChange={(range) => onChange({ range })} />
      <TimeControls end={panel.end} range={panel.range} onChange={onChange} />
      <div className={classes['group']} role="group" aria-label="Resolution">
        <span className={classes['label']}>Step</span>
        <DurationInput value={panel.step} label="Step (empty is automatic)" testId="step" width={92} clearable
          placeholder={`auto ${formatDuration(autoStep(panel.range))}`} onChange={(step) => onChange({ step })} />
      </div>
      <Switch size="xs" withThumbIndicator={false} label="Stacked" checked={panel.stacked}
        onChange={(event) => onChange({ stacked: event.currentTarget.checked })} data-testid="stacked" />
    </>
  );
}
