import classes from './ClusterPage.module.css';

const tones: Readonly<Record<string, string>> = {
  healthy: 'good', active: 'good',
  under_replicated: 'warning', leaving: 'warning', joining: 'warning', empty: 'warning',
  without_primary: 'bad', dead: 'bad',
};

/** How a node or a partition is: a word with a colour beside it. */
export function StateBadge({ state, text = state }: { readonly state: string; readonly text?: string }) {
  return <span className={classes['state']} data-tone={tones[state] ?? 'quiet'} data-state={state}>{text}</span>;
}
