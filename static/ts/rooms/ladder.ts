/** What was counted over one stretch of time; `arrives` is undefined where nothing is awaited. */
export interface Stretch {
  lost: number;
  roundTripMs: number;
  arrives: boolean | undefined;
}

export type Rung = "video" | "sound" | "text";
/** What is said of a rung: pictures at a lower rate have a sentence of their own. */
export type Said = Rung | "lower";
export type Line = "waiting" | "good" | "fair" | "poor" | "none";

const POOR = { lost: 0.1, roundTripMs: 600 };
const FAIR = { lost: 0.03, roundTripMs: 300 };
const CALM = 0.02;
const DOWN_AFTER = 3;
const SILENT_AFTER = 3;
const UP_AFTER = 15;
/** A line on which pictures failed again and again is tried this seldom: every four minutes. */
const UP_AFTER_AT_MOST = 120;

/** How good a line is, for the plain word beside the pictures. */
export function lineOf({ lost, roundTripMs, arrives }: Stretch): Line {
  if (arrives !== true) {
    return arrives === undefined ? "waiting" : "none";
  }
  if (lost > POOR.lost || roundTripMs > POOR.roundTripMs) {
    return "poor";
  }
  return lost > FAIR.lost || roundTripMs > FAIR.roundTripMs ? "fair" : "good";
}

/** Pictures, then sound alone, then writing: down soon, up again when the line has been calm. */
export class Ladder {
  /** whether the room has pictures sent smaller, for this line carries no more */
  isLowered = false;
  #rung: Rung = "video";
  #bad = 0;
  #calm = 0;
  #silent = 0;
  #before: Rung = "video";
  #isChosen = false;
  #upAfter = UP_AFTER;
  #sinceUp = UP_AFTER;

  get rung(): Rung {
    return this.#rung;
  }

  get said(): Said {
    return this.#rung === "video" && this.isLowered ? "lower" : this.#rung;
  }

  /** Whether pictures are fetched: while nothing comes, what was fetched before is awaited. */
  get takesVideo(): boolean {
    return (this.#rung === "text" ? this.#before : this.#rung) === "video";
  }

  /** Somebody chose: what the line did before that counts no more. */
  choose(rung: "video" | "sound"): void {
    this.#isChosen = rung === "sound";
    this.#upAfter = UP_AFTER;
    this.#sinceUp = UP_AFTER;
    this.#go(rung);
  }

  /** Pictures are tried again; where they fail soon, the next try waits twice as long. */
  climb(): void {
    this.#sinceUp = 0;
    this.#go("video");
  }

  take(stretch: Stretch): Rung {
    this.#count(stretch);
    if (this.#silent >= SILENT_AFTER) {
      this.#before = this.#rung === "text" ? this.#before : this.#rung;
      this.#rung = "text";
    } else if (this.#rung === "text" && stretch.arrives !== false) {
      this.#rung = this.#before;
    } else if (this.#rung === "video" && this.#bad >= DOWN_AFTER) {
      this.fall();
    }
    return this.#rung;
  }

  /** Whether a line that was bad has been calm for long enough; who chose sound keeps it. */
  get isCalm(): boolean {
    return this.#rung === "sound" && !this.#isChosen && this.#calm >= this.#upAfter;
  }

  /** Pictures are given up: the line or the room says so. */
  fall(): void {
    if (this.#isChosen || this.#rung === "sound") {
      return;
    }
    const isSoon = this.#sinceUp < UP_AFTER;
    this.#upAfter = isSoon ? Math.min(UP_AFTER_AT_MOST, this.#upAfter * 2) : UP_AFTER;
    this.#go("sound");
  }

  #go(rung: "video" | "sound"): void {
    this.#rung = rung;
    this.#before = rung;
    this.#bad = 0;
    this.#calm = 0;
    this.#silent = 0;
  }

  #count({ arrives, lost }: Stretch): void {
    this.#sinceUp += 1;
    this.#silent = arrives === false ? this.#silent + 1 : 0;
    this.#bad = arrives === true && lost > POOR.lost ? this.#bad + 1 : 0;
    this.#calm = arrives === true && lost < CALM ? this.#calm + 1 : 0;
  }
}
