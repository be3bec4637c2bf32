/** Why a line has ended: come again at once, or say so and stay out. */
export type Ending = "again" | "over" | "taken-over" | "out" | "refused";

const OVER = 1000;
const PUT_OUT = 4403;
const REFUSED = 4409;
const FIRST_MS = 250;
const LONGEST_MS = 1000;

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

/** How long to wait before the next try, in milliseconds. */
export function waitBefore(failures: number): number {
  return Math.min(FIRST_MS * 2 ** failures, LONGEST_MS);
}
