import type { Told } from "../rooms/line";
import { Talk } from "../rooms/together/talk";

/** What the room told at a moment of the recording. */
export interface Word {
  atMs: number;
  said: Told;
}

/** What changed on the way from one moment to another. */
export interface Change {
  view: boolean;
  marks: boolean;
}

/** What was looked at together, as it stood at any moment: words are taken again from the first on. */
export class Walk {
  readonly talk = new Talk();
  readonly #words: readonly Word[];
  #next = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  constructor(words: readonly Word[]) {
    this.#words = [...words].sort((one, other) => one.atMs - other.atMs);
  }

  go(ms: number): Change {
    const change = { view: false, marks: false };
    if (ms < this.#atMs) {
      this.talk.end();
      this.#next = 0;
      change.view = true;
    }
    this.#atMs = ms;
    for (; (this.#words[this.#next]?.atMs ?? Number.POSITIVE_INFINITY) <= ms; this.#next += 1) {
      const said = this.#words[this.#next]?.said;
      const meant = said === undefined ? "" : this.talk.take(said);
      change.view ||= meant === "all" || meant === "view";
      change.marks ||= meant !== "";
    }
    change.marks ||= change.view;
    return change;
  }
}
