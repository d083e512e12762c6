import type { Metadata } from '../api/types';

export interface MetricEntry {
  readonly name: string;
  readonly metadata: Metadata | undefined;
}

/** Joins names with their metadata; histograms and summaries describe their _bucket, _sum and _count series too. */
export function metricEntries(names: readonly string[], metadata: Readonly<Record<string, readonly Metadata[]>>): readonly MetricEntry[] {
  return names.map((name) => {
    const family = name.replace(/_(bucket|sum|count|total|created)$/, '');
    return { name, metadata: metadata[name]?.[0] ?? metadata[family]?.[0] };
  });
}

/** Entries that contain every word of the text, in name or help; those whose name starts with it come first. */
export function searchMetrics(entries: readonly MetricEntry[], text: string): readonly MetricEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return entries;
  const rank = ({ name, metadata }: MetricEntry): number => {
    const lower = name.toLowerCase();
    if (words.every((word) => lower.includes(word))) return lower.startsWith(words[0] ?? '') ? 0 : 1;
    const all = `${lower} ${(metadata?.help ?? '').toLowerCase()}`;
    return words.every((word) => all.includes(word)) ? 2 : 3;
  };
  return entries
    .map((entry) => ({ entry, rank: rank(entry) }))
    .filter((found) => found.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map((found) => found.entry);
}
