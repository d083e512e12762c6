import { formatDuration } from '../time/duration';

/** A time as its two largest units, which are enough: "3d4h", "5m10s". */
export function age(seconds: number): string {
  const unit = seconds >= 86_400 ? 3_600 : seconds >= 3_600 ? 60 : 1;
  return formatDuration(Math.floor(seconds / unit) * unit * 1_000);
}
