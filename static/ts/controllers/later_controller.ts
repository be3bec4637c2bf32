import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";

const LONGEST_MS = 4_000;

/**
 * Pictures that wait for the page's first one: on a thin line it comes alone, and no picture comes
 * later for it. One that does not come keeps the others waiting for a moment only.
 */
export class LaterController extends Controller<HTMLElement> {
  #timer = 0;

  override connect(): void {
    const first = this.element.querySelector<HTMLImageElement>("img[src]");
    if (first === null || first.complete) {
      this.#fetch();
      return;
    }
    this.#timer = window.setTimeout(this.#fetch, LONGEST_MS);
    first.addEventListener("load", this.#fetch, { once: true });
    first.addEventListener("error", this.#fetch, { once: true });
  }

  override disconnect(): void {
    window.clearTimeout(this.#timer);
  }

  #fetch = (): void => {
    window.clearTimeout(this.#timer);
    for (const image of document.querySelectorAll<HTMLImageElement>("img[data-later]")) {
      image.src = under(image.dataset.later ?? "");
      delete image.dataset.later;
    }
  };
}
