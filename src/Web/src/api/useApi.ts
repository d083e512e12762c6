import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, callApi, type ApiAnswer, type CallOptions } from './client';

export interface ApiRequest extends Omit<CallOptions, 'signal'> {
  readonly path: string;
}

export interface ApiState<T, R extends ApiRequest> {
  readonly loading: boolean;
  readonly error: ApiError | null;
  /** The last good answer with the request it belongs to; kept while the next one is under way. */
  readonly answer: ApiAnswer<T> | null;
  readonly answered: R | null;
  /** Milliseconds from the request to the parsed answer. */
  readonly duration: number | null;
  /** Gives up the request under way. */
  readonly cancel: () => void;
}

const initial = { loading: false, error: null, answer: null, answered: null, duration: null };

/**
 * Runs a request whenever its identity changes, and aborts the one it supersedes.
 * Callers memoize the request; null means there is nothing to ask.
 */
export function useApi<T, R extends ApiRequest = ApiRequest>(request: R | null): ApiState<T, R> {
  const [state, setState] = useState<Omit<ApiState<T, R>, 'cancel'>>(initial);
  const running = useRef<AbortController>(null);

  useEffect(() => {
    if (request === null) {
      setState(initial);
      return undefined;
    }
    const controller = new AbortController();
    running.current = controller;
    const started = performance.now();
    setState((previous) => ({ ...previous, loading: true }));
    callApi<T>(request.path, { ...request, signal: controller.signal }).then(
      (answer) => {
        if (controller.signal.aborted) return;
        setState({ loading: false, error: null, answer, answered: request, duration: performance.now() - started });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError('page', String(error));
        setState({ loading: false, error: known, answer: null, answered: null, duration: performance.now() - started });
      },
    );
    return () => controller.abort();
  }, [request]);

  const cancel = useCallback(() => {
    running.current?.abort();
    // The answer still shown belongs to an earlier question.
    setState(initial);
  }, []);
  return { ...state, cancel };
}
