import { Paper } from '@mantine/core';
import page from '../status/StatusPage.module.css';
import classes from './ClusterPage.module.css';

const example = `cluster:
  listen: 10.0.0.1:9095   # where other nodes reach this one
  zone: rack-1            # what fails together with it
coordination:
  path: /srv/deucalion/coordination   # or kind: etcd, or kind: bucket
bucket:
  path: /srv/deucalion/bucket         # or kind: s3
`;

/** What the page says of a node that is no member of a cluster. */
export function Alone({ reason }: { readonly reason: string }) {
  return (
    <Paper withBorder className={`${page['card']} ${classes['alone']}`} component="section" aria-label="This node runs alone" data-testid="cluster-alone">
      <h2>This node runs alone</h2>
      <p className="dim">{reason}</p>
      <p>It keeps everything once, on its own disk. Three nodes in three zones keep every sample three times and go on when one of them is lost. To grow:</p>
      <ol>
        <li>
          Give this node an address and a zone, and a coordination store and a bucket that the others reach too, and restart it before any of the others is started:<pre>{example}</pre>
          Where the bucket is another one than before, its blocks have to be brought along.
        </li>
        <li>Once it is ready, start two more with the same configuration but their own data directory, addresses and zones. They appear on this page by themselves.</li>
        <li>Have three replicas kept of what is there: <code>deucalion cluster set --rf 3</code></li>
      </ol>
    </Paper>
  );
}
