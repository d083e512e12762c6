import { UnstyledButton } from '@mantine/core';
import classes from './EmptyPanel.module.css';

const examples: readonly (readonly [string, string])[] = [
  ['Metrics with the most series', 'topk(10, count by (__name__) ({__name__!=""}))'],
  ['Series per job', 'count by (job) ({job!=""})'],
  ['Processor seconds per second', 'rate(process_cpu_seconds_total[1m])'],
  ['Resident memory', 'process_resident_memory_bytes'],
];

/** What a panel without an expression shows: keys, and a few queries that find something on most servers. */
export function EmptyPanel({ onExample }: { readonly onExample: (expr: string) => void }) {
  return (
    <div className={classes['empty']}>
      <p className={classes['hint']}>
        Write an expression and press <kbd>Enter</kbd>. <kbd>Alt</kbd>+<kbd>Enter</kbd> starts a new line, <kbd>Ctrl</kbd>+<kbd>Space</kbd> completes.
      </p>
      <ul className={classes['examples']}>
        {examples.map(([title, expr]) => (
          <li key={expr}>
            <UnstyledButton className={classes['example']} onClick={() => onExample(expr)}>
              <span>{title}</span>
              <code className="mono">{expr}</code>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
