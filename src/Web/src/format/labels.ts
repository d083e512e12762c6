import type { Labels } from '../api/types';

const plainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const plainLabel = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Label pairs in reading order, without the metric name. */
export function labelPairs(labels: Labels): readonly (readonly [string, string])[] {
  return Object.entries(labels)
    .filter(([name]) => name !== '__name__')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A selector that finds exactly these labels again: up{job="node"}; {} for no labels. */
export function formatLabels(labels: Labels): string {
  const name = labels['__name__'] ?? '';
  const quoted = name !== '' && !plainName.test(name);
  const pairs = labelPairs(labels).map(([key, value]) => `${plainLabel.test(key) ? key : JSON.stringify(key)}=${JSON.stringify(value)}`);
  if (quoted) pairs.unshift(JSON.stringify(name));
  if (pairs.length === 0) return name === '' ? '{}' : name;
  return `${quoted ? '' : name}{${pairs.join(', ')}}`;
}
