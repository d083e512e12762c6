import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startPolling, type Visibility } from '../src/api/polling';

class Page extends EventTarget {
  hidden = false;

  show(seen: boolean): void {
    this.hidden = !seen;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

describe('polling', () => {
  let page: Page & Visibility;
  beforeEach(() => {
    vi.useFakeTimers();
    page = new Page() as Page & Visibility;
  });
  afterEach(() => vi.useRealTimers());

  it('asks at once, then each pause after an answer', async () => {
    const ask = vi.fn(async () => 2_000);
    const stop = startPolling(ask, page);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(4_001);
    expect(ask).toHaveBeenCalledTimes(4);
    stop();
  });

  it('never has two questions under way', async () => {
    let answer = (_: number): void => undefined;
    const ask = vi.fn(() => new Promise<number>((resolve) => { answer = resolve; }));
    const stop = startPolling(ask, page);
    page.show(false);
    page.show(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
    answer(10);
    await vi.advanceTimersByTimeAsync(10);
    expect(ask).toHaveBeenCalledTimes(2);
    stop();
  });

  it('rests while the page is hidden and asks at once when it is seen again', async () => {
    page.hidden = true;
    const ask = vi.fn(async () => 1_000);
    const stop = startPolling(ask, page);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(0);
    page.show(true);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(500);
    page.show(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(1);
    page.show(true);
    expect(ask).toHaveBeenCalledTimes(2);
    stop();
  });

  it('ends for good and gives up the question under way', async () => {
    let seen: AbortSignal | null = null;
    const ask = vi.fn(async (signal: AbortSignal) => {
      seen = signal;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 100;
    });
    startPolling(ask, page)();
    expect(seen).toMatchObject({ aborted: true });
    page.show(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
