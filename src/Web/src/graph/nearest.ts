import type { Column } from './alignSeries';

export interface NearestPoint {
  readonly series: number;
  readonly row: number;
}

/**
 * The drawn point closest to the pointer, in pixels. Rows next to the pointer's own are tried too, so that sparse series can be hit.
 * `reach` is how many rows to each side are looked at.
 */
export function nearestPoint(
  columns: readonly Column[],
  isVisible: (index: number) => boolean,
  row: number,
  reach: number,
  x: number,
  y: number,
  toX: (row: number) => number,
  toY: (value: number) => number,
): NearestPoint | null {
  let best: NearestPoint | null = null;
  let bestDistance = Infinity;
  for (let series = 0; series < columns.length; series += 1) {
    const column = columns[series];
    if (column === undefined || !isVisible(series)) continue;
    for (let candidate = row - reach; candidate <= row + reach; candidate += 1) {
      const value = column[candidate];
      if (value === null || value === undefined) continue;
      const dx = toX(candidate) - x;
      const dy = toY(value) - y;
      // Time counts double: people point at a moment first and a line second.
      const distance = 4 * dx * dx + dy * dy;
      if (distance < bestDistance) {
        bestDistance = distance;
        best = { series, row: candidate };
      }
    }
  }
  return best;
}
