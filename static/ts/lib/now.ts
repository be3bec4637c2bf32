import { meta } from "./place";

let offsetMs: number | undefined;

/** The server's clock: a clinic's computer may be minutes off, a promised time may not. */
export function serverNow(): number {
  if (offsetMs === undefined) {
    const told = Date.parse(meta("server-now"));
    offsetMs = Number.isNaN(told) ? 0 : told - Date.now();
  }
  return Date.now() + offsetMs;
}
