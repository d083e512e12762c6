import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Both themes at once: every colour follows the page's colour scheme by itself. */
export const editorTheme = EditorView.theme({
  '&': { fontSize: '13px', color: 'var(--mantine-color-text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '20px', maxHeight: '240px' },
  '.cm-content': { padding: '5px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-placeholder': { color: 'var(--text-dim)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfe6ec, #12444f)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'light-dark(#d5ebf0, #12596c)', outline: 'none' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'light-dark(#fbdcdc, #5c2020)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    border: '1px solid light-dark(#c8d1d8, #3c4753)',
    borderRadius: '4px',
    boxShadow: '0 6px 20px light-dark(rgb(0 0 0 / 0.12), rgb(0 0 0 / 0.5))',
    zIndex: 30,
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '12px', maxHeight: '18em' },
  '.cm-tooltip-autocomplete ul li': { display: 'flex', gap: '1.5em', justifyContent: 'space-between', padding: '2px 10px !important' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'light-dark(#d5ebf0, #12596c)', color: 'inherit' },
  '.cm-completionDetail': { color: 'var(--text-dim)', fontStyle: 'normal', marginLeft: '0' },
  '.cm-completionMatchedText': { color: 'var(--accent)', fontWeight: '650', textDecoration: 'none' },
  '.cm-tooltip.cm-completionInfo': { fontFamily: 'var(--mantine-font-family)', fontSize: '12px', maxWidth: '340px', padding: '6px 10px' },
  '.cm-diagnostic': { fontFamily: 'var(--mantine-font-family)', fontSize: '12px' },
});

export const highlightStyle = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-dim)', fontStyle: 'italic' },
  { tag: tags.number, color: 'light-dark(#9a5a00, #e6b566)' },
  { tag: tags.string, color: 'light-dark(#2f7d32, #8fcf8f)' },
  { tag: tags.labelName, color: 'light-dark(#8a2f5f, #eb9fc4)' },
  { tag: tags.function(tags.variableName), color: 'light-dark(#1f5fa8, #7db7f0)' },
  { tag: tags.operatorKeyword, color: 'light-dark(#1f5fa8, #7db7f0)' },
  { tag: tags.modifier, color: 'light-dark(#6a3fb0, #bfa3f0)' },
  { tag: [tags.logicOperator, tags.operator, tags.arithmeticOperator], color: 'light-dark(#6a3fb0, #bfa3f0)' },
  { tag: [tags.paren, tags.squareBracket, tags.brace], color: 'light-dark(#4a5864, #b4bec8)' },
  { tag: tags.invalid, color: 'light-dark(#b42318, #f08070)' },
]);
