/** What of a video was played, as the browser tells it: pieces that do not overlap. */
interface Ranges {
  length: number;
  start(index: number): number;
  end(index: number): number;
}

/** So much may be missing between pieces: players round, and skip less than a moment. */
const MOST_MISSING_S = 0.5;
const MOST_MISSING_SHARE = 0.05;

/** How many seconds of it were played, each counted once. */
export function lengthOf(played: Ranges): number {
  let seconds = 0;
  for (let index = 0; index < played.length; index++) {
    seconds += played.end(index) - played.start(index);
  }
  return seconds;
}

/** Whether all of a video of so many seconds was played; jumping to its end is not that. */
export function isWhole(played: Ranges, duration: number): boolean {
  const missing = Math.min(MOST_MISSING_S, duration * MOST_MISSING_SHARE);
  return duration > 0 && lengthOf(played) >= duration - missing;
}
