/** Spans from here on are zoomed in whole seconds: nobody wants "6m58s929ms" in a link. */
const coarse = 60;

/** Range and end, in milliseconds, for a stretch of the time axis given in seconds. */
export function zoomedRange(from: number, to: number): { readonly range: number; readonly end: number } {
  const unit = to - from >= coarse ? 1_000 : 1;
  const start = Math.floor((from * 1_000) / unit) * unit;
  const end = Math.ceil((to * 1_000) / unit) * unit;
  return { range: Math.max(1_000, end - start), end };
}
