import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { insist } from "../lib/insist";
import { isLocked, onUnlocked } from "../lib/lock";
import { under } from "../lib/place";

const SHARE = 0.5;

/** Where another film of a stack is drawn by the server, and where it is told as seen. */
interface OtherFilm {
  preview: string;
  full: string;
  url: string;
  partly: boolean;
}

/**
 * Puts the full picture in the place of its preview and tells the server, once, that this reader
 * has had it on the screen in full resolution (U7). A picture that did not load counts as not
 * seen, says so, and can be asked for again.
 */
export class SeenController extends Controller<HTMLElement> {
  static override targets = ["picture"];
  static override values = { url: String, full: String, waits: Boolean, partly: Boolean };
  declare readonly pictureTarget: HTMLImageElement;
  declare urlValue: string;
  declare fullValue: string;
  /** the viewer is to take this picture over; only where it gives up is the drawing loaded */
  declare waitsValue: boolean;
  /** the drawing is not the whole object: it never counts as seen */
  declare partlyValue: boolean;
  #watch: IntersectionObserver | undefined;
  #visible = false;
  #full = false;
  #told = false;
  #listening = new AbortController();

  override connect(): void {
    this.#watch = new IntersectionObserver(this.#look, { threshold: [0, SHARE] });
    this.#watch.observe(this.pictureTarget);
    document.addEventListener("visibilitychange", this.#tell);
    this.#listening = new AbortController();
    onUnlocked(this.#tell, this.#listening.signal);
    this.element.addEventListener("viewer:gave-up", this.#begin);
    this.element.addEventListener("viewer:film", this.#other);
    if (!this.waitsValue) {
      void this.load();
    }
  }

  override disconnect(): void {
    this.#visible = false;
    this.#listening.abort();
    this.element.removeEventListener("viewer:gave-up", this.#begin);
    this.element.removeEventListener("viewer:film", this.#other);
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

  #begin = (): void => {
    void this.load();
  };

  /** Another film of the same stack stands here now. */
  #other = (event: Event): void => {
    const { preview, full, url, partly } = (event as CustomEvent<OtherFilm>).detail;
    delete this.pictureTarget.dataset.later;
    this.pictureTarget.src = under(preview);
    this.fullValue = full;
    this.urlValue = url;
    this.partlyValue = partly;
    this.#full = false;
    this.#told = false;
    void this.load();
  };

  async #replace(): Promise<boolean> {
    const preview = this.pictureTarget;
    const full = preview.cloneNode() as HTMLImageElement;
    delete full.dataset.later;
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
    if (
      this.element.isConnected &&
      !this.partlyValue &&
      this.#full &&
      this.#visible &&
      !this.#told &&
      document.visibilityState === "visible" &&
      !isLocked()
    ) {
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
