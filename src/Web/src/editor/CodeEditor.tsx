import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useImperativeHandle, useRef } from 'react';
import { editorExtensions, promqlSlot } from './extensions';
import { promqlExtension } from './promql';
import type { EditorProps } from './QueryEditor';

export function CodeEditor({ ref, value, onChange, onExecute, tenant }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const handlers = useRef({ onChange, onExecute });
  useEffect(() => {
    handlers.current = { onChange, onExecute };
  });

  // Built once; what changes later is fed into the living editor below.
  useEffect(() => {
    if (host.current === null) return undefined;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        selection: { anchor: value.length },
        extensions: editorExtensions((text) => handlers.current.onChange(text), (text) => handlers.current.onExecute(text)),
      }),
    });
    view.current = editor;
    // An empty panel was just opened or added: the next thing is to write.
    if (value === '') editor.focus();
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: promqlSlot.reconfigure(promqlExtension(tenant)) });
  }, [tenant]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    insert: (text) => {
      const editor = view.current;
      if (editor === null) return;
      editor.dispatch(editor.state.replaceSelection(text));
      // The dialog that the text came from gives the focus back first.
      setTimeout(() => editor.focus(), 0);
    },
  }), []);

  return <div ref={host} />;
}
