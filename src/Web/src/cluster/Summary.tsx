import { Paper } from '@mantine/core';
import type { ClusterStatus } from '../api/clusterTypes';
import classes from './ClusterPage.module.css';
import type { NodeNames } from './nodeNames';

type Tone = 'good' | 'warning' | 'bad' | 'quiet';

interface Fact {
  readonly label: string;
  readonly value: string;
  readonly tone?: Tone;
  readonly note?: string;
}

function facts(status: ClusterStatus, names: NodeNames): readonly Fact[] {
  const others = [[status.joiningNodes, 'joining'], [status.leavingNodes, 'leaving'], [status.deadNodes, 'dead']] as const;
  const toned = (count: number, tone: Tone): Tone => (count > 0 ? tone : 'quiet');
  return [
    { label: 'Nodes active', value: String(status.activeNodes), tone: toned(status.deadNodes, 'bad'),
      note: others.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`).join(', ') },
    { label: 'Partitions healthy', value: String(status.healthy), tone: status.underReplicated + status.withoutPrimary === 0 ? 'good' : 'quiet' },
    { label: 'Under-replicated', value: String(status.underReplicated), tone: toned(status.underReplicated, 'warning') },
    { label: 'Without primary', value: String(status.withoutPrimary), tone: toned(status.withoutPrimary, 'bad') },
    { label: 'Moves under way', value: String(status.movesUnderWay), note: status.unsettled > 0 ? `${status.unsettled} partitions not yet as planned` : '' },
    { label: 'New partitions get', value: `${status.replicationFactor}×`, note: `at least ${status.minInSync} in sync` },
    { label: 'Coordinator', value: status.coordinator === null ? 'none' : names.short(status.coordinator),
      tone: status.fromCoordinator ? 'quiet' : 'warning', note: status.coordinator === null ? '' : names.zone(status.coordinator) },
  ];
}

/** The cluster in numbers. */
export function Summary({ status, names }: { readonly status: ClusterStatus; readonly names: NodeNames }) {
  return (
    <Paper withBorder component="section" aria-label="Summary" className={classes['summary']} data-testid="cluster-summary">
      {facts(status, names).map(({ label, value, tone = 'quiet', note = '' }) => (
        <div key={label} className={classes['fact']} data-tone={tone}>
          <span className={classes['label']}>{label}</span>
          <span className={classes['figure']}>{value}</span>
          <span className={classes['label']}>{note || ' '}</span>
        </div>
      ))}
    </Paper>
  );
}
