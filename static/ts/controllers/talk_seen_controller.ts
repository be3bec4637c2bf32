import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { isLocked, onUnlocked } from "../lib/lock";

/** Tells the server up to which message the reader has had the discussion before her. */
export class TalkSeenController extends Controller<HTMLElement> {
  static override targets = ["list"];
  static override values = { url: String, newest: Number, unread: Number };
  declare readonly listTarget: HTMLElement;
  declare urlValue: string;
  declare newestValue: number;
  declare unreadValue: number;
  #told = 0;
  #isBefore = false;
  #watcher: IntersectionObserver | undefined;
  #listening = new AbortController();

  override connect(): void {
    this.#watcher = new IntersectionObserver((seen) => {
      this.#isBefore = seen.some((each) => each.isIntersecting);
      this.#tell();
    });
    this.#watcher.observe(this.listTarget);
    document.addEventListener("visibilitychange", this.#tell);
    this.#listening = new AbortController();
    onUnlocked(this.#tell, this.#listening.signal);
  }

  override disconnect(): void {
    this.#watcher?.disconnect();
    this.#listening.abort();
    document.removeEventListener("visibilitychange", this.#tell);
  }

  newestValueChanged(): void {
    this.#tell();
  }

  /** What is new and before her is read; told once, and again where that did not arrive. */
  #tell = async (): Promise<void> => {
    const isLookedAt = document.visibilityState === "visible" && !isLocked();
    const isShown = this.#isBefore && isLookedAt;
    if (!isShown || this.unreadValue === 0 || this.newestValue <= this.#told) {
      return;
    }
    const before = this.#told;
    this.#told = this.newestValue;
    const answer = await send(this.urlValue, { body: { number: this.newestValue } });
    if (answer.kind !== "done") {
      this.#told = before;
    }
  };
}
