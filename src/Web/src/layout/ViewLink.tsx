import type { MouseEvent } from 'react';
import type { PageState, View } from '../state/pageState';
import { formatPageState } from '../state/urlState';
import classes from './Header.module.css';

interface Props {
  readonly page: PageState;
  readonly view: View;
  readonly text: string;
  readonly onView: (view: View) => void;
}

/** A real link (copy, open in a new tab) that a plain click follows without a reload. */
export function ViewLink({ page, view, text, onView }: Props) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    onView(view);
  };
  return (
    <a className={classes['link']} href={formatPageState({ ...page, view }) || '?'} aria-current={page.view === view ? 'page' : undefined} onClick={follow}>
      {text}
    </a>
  );
}
