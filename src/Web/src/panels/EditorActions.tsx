import { lazy, Suspense, useState, type RefObject } from 'react';
import { callApi } from '../api/client';
import type { EditorHandle } from '../editor/QueryEditor';
import { IconButton } from '../layout/IconButton';

const MetricsExplorer = lazy(async () => ({ default: (await import('../explorer/MetricsExplorer')).MetricsExplorer }));

interface Props {
  readonly editor: RefObject<EditorHandle | null>;
  readonly draft: string;
  readonly onDraft: (text: string) => void;
  readonly tenant: string;
}

/** Buttons that help writing: the list of metrics and the server's formatter. */
export function EditorActions({ editor, draft, onDraft, tenant }: Props) {
  const [exploring, setExploring] = useState(false);

  const format = (): void => {
    callApi<string>('format_query', { tenant, form: { query: draft } }).then(
      (answer) => onDraft(answer.data),
      // The editor already marks what cannot be parsed; running it shows the server's words.
      () => editor.current?.focus(),
    );
  };
  const pick = (metric: string): void => {
    setExploring(false);
    editor.current?.insert(metric);
  };

  return (
    <>
      <IconButton icon="list" label="Browse metrics" size={32} onClick={() => setExploring(true)} testId="browse-metrics" />
      <IconButton icon="braces" label="Format the expression" size={32} disabled={draft.trim() === ''} onClick={format} testId="format" />
      {exploring && <Suspense fallback={null}><MetricsExplorer tenant={tenant} onPick={pick} onClose={() => setExploring(false)} /></Suspense>}
    </>
  );
}
