import { Controller } from "@hotwired/stimulus";
import { keepDrafts } from "../lib/drafts";
import { untilUnlocked } from "../lib/lock";
import { useTurning } from "../lib/place";
import { stock } from "../lib/stocking";
import { holdRoom, isRoom, turnTo } from "../lib/turn";

const QUIET_MS = 2_000;

/**
 * The reading room as one of a row: once the pictures that are on the screen are there in full, the
 * next two cases are loaded ahead, and going on to one of them draws it in this page's place.
 */
export class RowController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare urlValue: string;
  #listening = new AbortController();
  #begun = false;
  #isTurning = false;
  #timer = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("room:changed", this.#look, { signal });
    document.addEventListener("room:chosen", this.#look, { signal });
    // what was seen at another time is not told again, and comes first all the same
    this.#timer = window.setTimeout(this.#look, QUIET_MS);
    useTurning((location, load) => this.#turn(location, load), signal);
  }

  override disconnect(): void {
    this.#listening.abort();
    window.clearTimeout(this.#timer);
  }

  #look = (): void => {
    const shown = [...document.querySelectorAll<HTMLElement>(".film.is-on[data-instance]")];
    if (!this.#begun && shown.every((film) => film.dataset.seen === "full")) {
      this.#begun = true;
      void stock(this.urlValue, this.#listening.signal);
    }
  };

  /** True where this page goes there in its own place; `load` is the ordinary way. */
  #turn(location: string, load: () => void): boolean {
    if (!isRoom(location)) {
      return false;
    }
    if (!this.#isTurning) {
      void this.#go(location, load);
    }
    return true;
  }

  /** What was typed until now is with the server first; from here on nothing can be typed. */
  async #go(location: string, load: () => void): Promise<void> {
    this.#isTurning = true;
    const release = holdRoom();
    // what is typed over a locked page cannot be kept before its person is back
    await untilUnlocked();
    await keepDrafts(this.element);
    const isDone = await turnTo(location);
    release();
    this.#isTurning = false;
    if (!isDone) {
      load();
    }
  }
}
