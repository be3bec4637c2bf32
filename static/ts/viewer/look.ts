import { type Treatment, WHOLE } from "./colour";
import type { Range } from "./windows";

type Switch = "redFree" | "enhanced" | "inverted";

/** How a picture is looked at; nothing of it changes the picture. */
export class LookState implements Treatment {
  redFree = false;
  enhanced = false;
  inverted = false;
  range: Range = WHOLE;
  /** whether the reader chose the window herself: it then holds for the whole stack */
  isChosen = false;

  begin(range: Range): void {
    this.range = range;
    this.isChosen = false;
    this.redFree = false;
    this.enhanced = false;
    this.inverted = false;
  }

  /** The next picture of the stack has a window of its own, unless the reader chose one. */
  follow(range: Range): void {
    if (!this.isChosen) {
      this.range = range;
    }
  }

  choose(range: Range): void {
    this.range = range;
    this.isChosen = true;
  }

  turn(name: Switch): void {
    this[name] = !this[name];
  }
}
