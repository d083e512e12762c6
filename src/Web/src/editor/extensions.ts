import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, selectedCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { Compartment, Prec, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, placeholder } from '@codemirror/view';
import { editorTheme, highlightStyle } from './editorTheme';

/** Where the tenant's language support is plugged in. */
export const promqlSlot = new Compartment();

export function editorExtensions(onChange: (text: string) => void, onExecute: (text: string) => void): Extension {
  const execute = (view: EditorView): boolean => {
    onExecute(view.state.doc.toString());
    return true;
  };
  // Where the list offers just what is already written, Enter means to run it.
  const executeComplete = (view: EditorView): boolean => {
    const offered = selectedCompletion(view.state);
    const before = view.state.sliceDoc(0, view.state.selection.main.head);
    const written = /[\w:]+$/.exec(before)?.[0];
    if (offered === null || offered.label !== written || offered.type === 'function' || offered.type === 'keyword') return false;
    closeCompletion(view);
    return execute(view);
  };
  return [
    Prec.highest(keymap.of([{ key: 'Enter', run: executeComplete }])),
    promqlSlot.of([]),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({ icons: false, maxRenderedOptions: 200 }),
    syntaxHighlighting(highlightStyle),
    editorTheme,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': 'PromQL expression' }),
    placeholder('PromQL expression'),
    // An open completion list has taken Enter before these are asked.
    Prec.high(keymap.of([
      { key: 'Enter', run: execute, shift: execute },
      { key: 'Mod-Enter', run: execute },
      { key: 'Alt-Enter', run: insertNewlineAndIndent },
      { key: 'Tab', run: acceptCompletion },
    ])),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}
