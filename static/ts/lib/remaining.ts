import { word } from "./words";

const MINUTE_MS = 60_000;

/** A span in the words of the page: 2 天 3 小时, 1 小时 6 分, 4 小时, 28 分. */
function span(ms: number): string {
  const minutes = Math.max(Math.floor(Math.abs(ms) / MINUTE_MS), 0);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) {
    return word("daysHours", { d: Math.floor(hours / 24), h: hours % 24 });
  }
  if (hours >= 1) {
    const name = minutes % 60 === 0 || hours >= 4 ? "hours" : "hoursMinutes";
    return word(name, { h: hours, m: minutes % 60 });
  }
  return word("minutes", { m: minutes });
}

/** Remaining time first as a state, then in words; overdue is another word, not another colour. */
export function remaining(leftMs: number, soonMs: number): { state: string; text: string } {
  const time = span(leftMs);
  if (leftMs < 0) {
    return { state: "over", text: word("over", { time }) };
  }
  return { state: leftMs <= soonMs ? "soon" : "calm", text: word("left", { time }) };
}
