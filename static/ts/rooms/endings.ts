/** Why a line has ended: come again at once, or say so and stay out. */
export type Ending = "again" | "over" | "taken-over" | "out" | "refused";

/** Refusals that have a sentence of their own on the page. */
const REASONS = ["room-full", "rooms-full", "rooms-broken", "room-crowded"];
const OVER = 1000;
const PUT_OUT = 4403;
const REFUSED = 4409;
const FIRST_MS = 100;
const SOON_MS = 250;
const LATER_MS = 1000;
const SOON_TRIES = 40;

/** What the code of a closed line means; `last` is the last word that came by it. */
export function endingOf(code: number, last: string): Ending {
  if (code === PUT_OUT || last === "removed") {
    return "out";
  }
  if (code === REFUSED) {
    return "refused";
  }
  if (code === OVER) {
    return last === "taken-over" ? "taken-over" : "over";
  }
  return "again";
}

/** Which sentence of the page says why a call has ended; `code` is the reason of a refusal. */
export function sentenceOf(why: Ending | "left", code: string): string {
  return why === "refused" && REASONS.includes(code) ? code : why;
}

/**
 * How long to wait before the next try, in milliseconds; by chance up to half as much again.
 *
 * A call has few pages, so they try soon for as long as a process needs to come back.
 */
export function waitBefore(failures: number, chance: number): number {
  const least = failures === 0 ? FIRST_MS : failures < SOON_TRIES ? SOON_MS : LATER_MS;
  return least * (1 + chance / 2);
}
