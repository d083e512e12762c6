import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { FailureBoundary } from './layout/FailureBoundary';
import { Header } from './layout/Header';
import { QueryPage } from './panels/QueryPage';
import type { View } from './state/pageState';
import { SettingsContext } from './state/settings';
import { recallClock, rememberClock } from './state/storage';
import { usePageState } from './state/usePageState';
import type { Clock } from './time/timestamp';

const ClusterPage = lazy(async () => ({ default: (await import('./cluster/ClusterPage')).ClusterPage }));
const StatusPage = lazy(async () => ({ default: (await import('./status/StatusPage')).StatusPage }));

const viewNames = { cluster: 'Cluster', status: 'Status' } as const;

export function App() {
  const [page, update] = usePageState();
  const [clock, setClock] = useState<Clock>(recallClock);
  const settings = useMemo(() => ({ tenant: page.tenant, clock }), [page.tenant, clock]);

  const changeClock = useCallback((next: Clock) => {
    rememberClock(next);
    setClock(next);
  }, []);
  const changeTenant = useCallback((tenant: string) => update((state) => ({ ...state, tenant })), [update]);
  const changeView = useCallback((view: View) => update((state) => ({ ...state, view })), [update]);

  const subject = page.view === 'query' ? (page.panels[0]?.expr.trim() ?? '') : viewNames[page.view];
  useEffect(() => {
    document.title = subject === '' ? 'Deucalion' : `${subject.slice(0, 80)} – Deucalion`;
  }, [subject]);

  return (
    <SettingsContext value={settings}>
      <Header page={page} clock={clock} onClock={changeClock} onTenant={changeTenant} onView={changeView} />
      <main>
        <FailureBoundary>
          {page.view === 'query'
            ? <QueryPage panels={page.panels} update={update} />
            : <Suspense fallback={null}>{page.view === 'cluster' ? <ClusterPage /> : <StatusPage />}</Suspense>}
        </FailureBoundary>
      </main>
    </SettingsContext>
  );
}
