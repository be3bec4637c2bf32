import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { under } from "../lib/place";

const SHARE = 0.5;
/** On a busy server or a thin line the first try may fail: wait this long before each next one. */
const PAUSES_MS = [1_000, 3_000, 9_000];

/** Tries until it is done, with growing pauses; answers whether it was. */
async function insist(attempt: () => Promise<boolean>): Promise<boolean> {
  for (const pause of PAUSES_MS) {
    if (await attempt()) {
      return true;
    }
    await new Promise((resolve) => window.setTimeout(resolve, pause));
  }
  return attempt();
}

/**
 * Puts the full picture in the place of its preview and tells the server, once, that this reader
 * has had it on the screen in full resolution (U7). A picture that did not load counts as not
 * seen, says so, and can be asked for again.
 */
export class SeenController extends Controller<HTMLElement> {
  static override targets = ["picture"];
  static override values = { url: String, full: String };
  declare readonly pictureTarget: HTMLImageElement;
  declare urlValue: string;
  declare fullValue: string;
  #watch: IntersectionObserver | undefined;
  #visible = false;
  #full = false;
  #told = false;

  override connect(): void {
    this.#watch = new IntersectionObserver(this.#look, { threshold: [0, SHARE] });
    this.#watch.observe(this.pictureTarget);
    document.addEventListener("visibilitychange", this.#tell);
    void this.load();
  }

  override disconnect(): void {
    this.#watch?.disconnect();
    document.removeEventListener("visibilitychange", this.#tell);
  }

  /** As an action: the reader asks again for a picture that did not come. */
  async load(): Promise<void> {
    if (this.#full) {
      return;
    }
    this.#state("preview");
    if (await insist(() => this.#replace())) {
      this.#full = true;
      this.#tell();
    } else {
      this.#state("failed");
    }
  }

  async #replace(): Promise<boolean> {
    const preview = this.pictureTarget;
    const full = preview.cloneNode() as HTMLImageElement;
    full.src = under(this.fullValue);
    try {
      await full.decode();
    } catch {
      return false;
    }
    full.style.cssText = preview.style.cssText;
    // the loaded element itself: nothing of it is cached, so its address would load it once more
    preview.replaceWith(full);
    this.#watch?.unobserve(preview);
    this.#watch?.observe(full);
    return true;
  }

  #look = (entries: IntersectionObserverEntry[]): void => {
    this.#visible = (entries.at(-1)?.intersectionRatio ?? 0) >= SHARE;
    this.#tell();
  };

  #tell = (): void => {
    if (this.#full && this.#visible && !this.#told && document.visibilityState === "visible") {
      this.#told = true;
      void this.#report();
    }
  };

  async #report(): Promise<void> {
    // not told is not seen: after these tries the next look at the picture tries again
    this.#told = await insist(
      async () => (await send(this.urlValue, { body: {} })).kind === "done",
    );
    if (this.#told) {
      this.#state("full");
      this.dispatch("told");
    }
  }

  #state(state: string): void {
    const figure = this.element.closest<HTMLElement>("[data-seen]");
    // what was seen before stays seen, but not beside a picture that is not there now
    if (figure !== null && (figure.dataset.seen !== "full" || state === "failed")) {
      figure.dataset.seen = state;
    }
  }
}
