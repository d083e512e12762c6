/** The part of a document that tells whether anybody looks. */
export interface Visibility {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

/**
 * Asks again and again while the page is seen: at once, then each time so many milliseconds after an answer as `ask` returns. `ask` never fails; its
 * signal fires when nobody wants the answer any more. In a hidden page nothing is asked; once seen again, at once. Returns what ends it.
 */
export function startPolling(ask: (signal: AbortSignal) => Promise<number>, page: Visibility): () => void {
  const end = new AbortController();
  let timer: ReturnType<typeof setTimeout> | null = null;
  let asking = false;

  const run = async (): Promise<void> => {
    timer = null;
    asking = true;
    const pause = await ask(end.signal);
    asking = false;
    if (!end.signal.aborted && !page.hidden) timer = setTimeout(() => void run(), pause);
  };
  const stopTimer = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  const look = (): void => {
    if (page.hidden) stopTimer();
    else if (timer === null && !asking) void run();
  };

  page.addEventListener('visibilitychange', look);
  look();
  return () => {
    page.removeEventListener('visibilitychange', look);
    stopTimer();
    end.abort();
  };
}
