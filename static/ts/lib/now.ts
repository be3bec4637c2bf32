import { meta } from "./place";

let offsetMs: number | undefined;

/** When the page's answer began to come in: what it says of the server's clock was true then. */
function answeredAt(): number {
  const page = performance.getEntriesByType("navigation")[0];
  return page !== undefined && "responseStart" in page
    ? performance.timeOrigin + Number(page.responseStart)
    : Date.now();
}

/** The server's clock: a clinic's computer may be minutes off, a promised time may not. */
export function serverNow(): number {
  if (offsetMs === undefined) {
    const told = Date.parse(meta("server-now"));
    offsetMs = Number.isNaN(told) ? 0 : told - answeredAt();
  }
  return Date.now() + offsetMs;
}
