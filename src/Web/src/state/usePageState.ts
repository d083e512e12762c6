import { useCallback, useEffect, useState } from 'react';
import type { PageState } from './pageState';
import { recallTenant, rememberTenant } from './storage';
import { formatPageState, keepIdentity, parsePageState } from './urlState';

export type UpdatePage = (change: (state: PageState) => PageState) => void;

/** The page's state, mirrored in the address bar: each change is one step of the browser's history. */
export function usePageState(): readonly [PageState, UpdatePage] {
  const [state, setState] = useState(() => parsePageState(window.location.search, recallTenant()));

  useEffect(() => {
    const search = formatPageState(state);
    if (search !== window.location.search) {
      // A bare address that is only completed (a remembered tenant) is no step of its own.
      const method = window.location.search === '' && state.panels.every((panel) => panel.expr === '') ? 'replaceState' : 'pushState';
      window.history[method](null, '', `${window.location.pathname}${search}`);
    }
    rememberTenant(state.tenant);
  }, [state]);

  useEffect(() => {
    const restore = (): void => setState((previous) => keepIdentity(parsePageState(window.location.search, previous.tenant), previous));
    window.addEventListener('popstate', restore);
    return () => window.removeEventListener('popstate', restore);
  }, []);

  const update = useCallback<UpdatePage>((change) => setState(change), []);
  return [state, update];
}
