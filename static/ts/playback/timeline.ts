/** From when to when something was recorded, in milliseconds of the whole recording. */
export type Stretch = [number, number];

/** Where on the line of time a track lies. */
export interface Span {
  startsMs: number;
  lengthMs: number;
}

/** Where in its own file a track stands at this moment; undefined where it is not there. */
export function placeIn(span: Span, atMs: number): number | undefined {
  const own = atMs - span.startsMs;
  return own >= 0 && own < span.lengthMs ? own : undefined;
}

/** This moment, or the next at which anything was recorded; undefined after the last. */
export function nextRecorded(stretches: readonly Stretch[], atMs: number): number | undefined {
  for (const [from, to] of stretches) {
    if (atMs < to) {
      return Math.max(atMs, from);
    }
  }
  return undefined;
}

/** Hours only where there are any. */
export function clockText(atMs: number): string {
  const whole = Math.floor(Math.max(atMs, 0) / 1000);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  return [...(hours > 0 ? [hours] : []), ...parts]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** How fast a file has to run to be in step again; 0 where it has to jump. */
export function rateFor(driftMs: number): number {
  const off = Math.abs(driftMs);
  if (off > 400) {
    return 0;
  }
  if (off <= 25) {
    return 1;
  }
  return driftMs > 0 ? 0.92 : 1.08;
}
