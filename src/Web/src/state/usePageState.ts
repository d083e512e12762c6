import { useCallback, useEffect, useRef, useState } from 'react';
import type { PageState } from './pageState';
import { recallTenant, rememberTenant } from './storage';
import { formatPageState, keepIdentity, parsePageState } from './urlState';

export type UpdatePage = (change: (state: PageState) => PageState) => void;

/** The page's state, mirrored in the address bar: each change is one step of the browser's history. */
export function usePageState(): readonly [PageState, UpdatePage] {
  const [state, setState] = useState(() => parsePageState(window.location.search, recallTenant()));

  // What came from the address bar is only put into its usual form there, never added to the history again.
  const fromAddress = useRef(true);

  useEffect(() => {
    const search = formatPageState(state);
    const method = fromAddress.current ? 'replaceState' : 'pushState';
    fromAddress.current = false;
    if (search !== window.location.search) window.history[method](null, '', `${window.location.pathname}${search}`);
    rememberTenant(state.tenant);
  }, [state]);

  useEffect(() => {
    const restore = (): void => {
      fromAddress.current = true;
      setState((previous) => keepIdentity(parsePageState(window.location.search, ''), previous));
    };
    window.addEventListener('popstate', restore);
    return () => window.removeEventListener('popstate', restore);
  }, []);

  const update = useCallback<UpdatePage>((change) => setState(change), []);
  return [state, update];
}
