import { Loader } from '@mantine/core';
import { useMemo } from 'react';
import { ErrorNotice } from '../panels/ErrorNotice';
import { Notice } from '../panels/Notice';
import page from '../status/StatusPage.module.css';
import { Alone } from './Alone';
import classes from './ClusterPage.module.css';
import { nodeNames, nodesKey } from './nodeNames';
import { NodesTable } from './NodesTable';
import { PartitionsTable } from './PartitionsTable';
import { Summary } from './Summary';
import { useCluster } from './useCluster';
import { ZonesTable } from './ZonesTable';

/** The cluster that this node is part of, live. */
export function ClusterPage() {
  const { cluster, alone, error } = useCluster();
  const nodes = cluster?.nodes ?? [];
  const key = nodesKey(nodes);
  // By what names are made of: rows stay as they are while only numbers of nodes change.
  const names = useMemo(() => nodeNames(nodes), [key]);

  return (
    <div className={page['page']} data-testid="cluster-page">
      {error !== null && <ErrorNotice error={error} />}
      {alone !== null && <Alone reason={alone} />}
      {cluster === null && alone === null && error === null && <Loader size="sm" aria-label="Loading" />}
      {cluster !== null && (
        <div className={classes['sight']} data-stale={error !== null || undefined}>
          {cluster.status.frozen && (
            <Notice tone="error" title="Frozen" testId="frozen" texts={['The coordination store cannot be reached: nothing is moved or elected until it answers again.']} />
          )}
          {!cluster.status.fromCoordinator && (
            <Notice tone="warning" title="No coordinator answers" testId="no-coordinator"
              texts={['This is what the asked node knows by itself: dead nodes, plans and wanted numbers of replicas are not in it.']} />
          )}
          <Summary status={cluster.status} names={names} />
          <div className={classes['pair']}>
            <NodesTable nodes={nodes} names={names} coordinator={cluster.status.coordinator} />
            <ZonesTable nodes={nodes} />
          </div>
          <PartitionsTable partitions={cluster.partitions} nodes={nodes} names={names} />
        </div>
      )}
    </div>
  );
}
