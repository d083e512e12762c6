/** Which series of a graph are hidden, by index. */
export type Hidden = ReadonlySet<number>;

export const nothingHidden: Hidden = new Set();

/**
 * A plain click shows one series alone, and everything again when it already is alone.
 * With Ctrl (or ⌘) it hides or shows just that one.
 */
export function clickSeries(hidden: Hidden, index: number, count: number, additive: boolean): Hidden {
  if (additive) {
    const next = new Set(hidden);
    if (!next.delete(index)) next.add(index);
    return next.size === count ? nothingHidden : next;
  }
  const alone = !hidden.has(index) && hidden.size === count - 1;
  if (alone) return nothingHidden;
  return new Set(Array.from({ length: count }, (_, other) => other).filter((other) => other !== index));
}
