import { lazy, Suspense, type Ref } from 'react';
import classes from './QueryEditor.module.css';

export interface EditorHandle {
  focus(): void;
  /** Puts text in place of the selection. */
  insert(text: string): void;
}

export interface EditorProps {
  readonly ref?: Ref<EditorHandle>;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onExecute: (value: string) => void;
  readonly tenant: string;
}

// Fetched at once: every panel needs it.
const code = import('./CodeEditor');
const CodeEditor = lazy(async () => ({ default: (await code).CodeEditor }));

/** The PromQL editor; until its code has arrived, the expression in plain letters in the same place. */
export function QueryEditor(props: EditorProps) {
  return (
    <div className={classes['frame']} data-testid="query-editor">
      <Suspense fallback={<pre className={classes['plain']}>{props.value}</pre>}>
        <CodeEditor {...props} />
      </Suspense>
    </div>
  );
}
