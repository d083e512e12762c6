import type { Column } from './alignSeries';

/**
 * Running totals from the first visible series upwards. A missing value adds nothing, but stays a gap in its own series.
 * Hidden series keep their column and are left out of the totals.
 */
export function stackColumns(columns: readonly Column[], isVisible: (index: number) => boolean): Column[] {
  const totals = new Array<number>(columns[0]?.length ?? 0).fill(0);
  return columns.map((column, index) => {
    if (!isVisible(index)) return column;
    return column.map((value, row) => {
      if (value === null) return null;
      const total = (totals[row] ?? 0) + value;
      totals[row] = total;
      return total;
    });
  });
}
