import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";

const SHARE = 0.5;

/**
 * Loads the full picture behind its preview and tells the server, once, that this reader has had
 * it on the screen in full resolution (U7). A picture that did not load counts as not seen.
 */
export class SeenController extends Controller<HTMLImageElement> {
  static override values = { url: String, full: String };
  declare urlValue: string;
  declare fullValue: string;
  #watch: IntersectionObserver | undefined;
  #visible = false;
  #full = false;
  #told = false;

  override connect(): void {
    this.#watch = new IntersectionObserver(this.#look, { threshold: [0, SHARE] });
    this.#watch.observe(this.element);
    document.addEventListener("visibilitychange", this.#tell);
    void this.#load();
  }

  override disconnect(): void {
    this.#watch?.disconnect();
    document.removeEventListener("visibilitychange", this.#tell);
  }

  async #load(): Promise<void> {
    const picture = this.fullValue === "" ? this.element : new Image();
    if (picture !== this.element) {
      picture.src = this.fullValue;
    }
    try {
      await picture.decode();
    } catch {
      this.#state("failed");
      return;
    }
    if (picture !== this.element) {
      this.element.src = this.fullValue;
    }
    this.#full = true;
    this.#tell();
  }

  #look = (entries: IntersectionObserverEntry[]): void => {
    this.#visible = entries.some((entry) => entry.intersectionRatio >= SHARE);
    this.#tell();
  };

  #tell = (): void => {
    if (this.#full && this.#visible && !this.#told && document.visibilityState === "visible") {
      this.#told = true;
      this.#state("full");
      void this.#report();
    }
  };

  async #report(): Promise<void> {
    const answer = await send(this.urlValue, { body: {} });
    // not told is not seen: the next look at the picture tries again
    this.#told = answer.kind === "done";
    if (this.#told) {
      this.dispatch("told");
    }
  }

  #state(state: string): void {
    const figure = this.element.closest<HTMLElement>("[data-seen]");
    if (figure !== null) {
      figure.dataset.seen = state;
    }
  }
}
