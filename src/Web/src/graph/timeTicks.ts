import { formatTimestamp, type Clock } from '../time/timestamp';

/** Labels of a time axis: the time of day on a 24-hour clock, with the date below where it first appears or changes. */
export function timeTicks(splits: readonly number[], increment: number, clock: Clock): string[] {
  let lastDate = '';
  return splits.map((seconds) => {
    const [date = '', time = ''] = formatTimestamp(Math.round(seconds * 1000), clock).split(' ');
    if (increment >= 86_400) return date === lastDate ? '' : (lastDate = date);
    const text = increment >= 60 ? time.slice(0, 5) : increment >= 1 ? time.slice(0, 8) : time;
    if (date === lastDate) return text;
    lastDate = date;
    return `${text}\n${date}`;
  });
}
