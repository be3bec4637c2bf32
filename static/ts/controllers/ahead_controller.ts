import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";

const QUIET_MS = 1_500;

/** Scripts that the next page needs are fetched into the browser's cache once this one is quiet. */
export class AheadController extends Controller<HTMLElement> {
  static override values = { scripts: Array };
  declare scriptsValue: string[];
  #timer = 0;

  override connect(): void {
    this.#timer = window.setTimeout(() => void this.#fetch(), QUIET_MS);
  }

  override disconnect(): void {
    window.clearTimeout(this.#timer);
  }

  async #fetch(): Promise<void> {
    for (const script of this.scriptsValue) {
      // built files carry their hash in their name; one that does not come is asked for again there
      await fetch(under(script), { credentials: "same-origin" })
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
    }
  }
}
