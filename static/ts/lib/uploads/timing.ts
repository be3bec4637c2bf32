/** Times in milliseconds; the tests shorten them. */
export interface QueuePace {
  look: number;
  offline: number;
  longestOffline: number;
  result: number;
  patience: number;
  /** so long, at most, photographs wait for the first looks at their batch */
  hold: number;
  /** of the line, how many hundredths may be taken */
  share: number;
}

/** What people have; the tests have less. */
export const PACE: QueuePace = {
  look: 4000,
  offline: 5000,
  longestOffline: 60_000,
  result: 500,
  // a piece takes 131 s on 64 kbit/s; what takes longer than this hangs on a line that is gone
  patience: 300_000,
  hold: 5000,
  share: 50,
};
