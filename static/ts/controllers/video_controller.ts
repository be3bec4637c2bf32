import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { insist } from "../lib/insist";
import { isLocked, onCovered, onUnlocked } from "../lib/lock";
import { isWhole, lengthOf } from "../lib/playing";
import { word } from "../lib/words";

const SHARE = 0.5;
const HEAD_CAME = 1;

/**
 * A video in the reading room. It plays only where it can be seen, and once all of it was played the
 * server hears that this reader saw it in full (U7); where this browser cannot play it, it says so.
 */
export class VideoController extends Controller<HTMLElement> {
  static override targets = ["video", "cannot", "lost", "said"];
  static override values = { url: String };
  declare readonly videoTarget: HTMLVideoElement;
  declare readonly cannotTarget: HTMLElement;
  declare readonly lostTarget: HTMLElement;
  declare readonly saidTarget: HTMLElement;
  declare urlValue: string;
  #watch: IntersectionObserver | undefined;
  #isTold = false;
  #listening = new AbortController();

  override connect(): void {
    this.#watch = new IntersectionObserver(
      (entries) => {
        if ((entries.at(-1)?.intersectionRatio ?? 0) < SHARE) {
          this.videoTarget.pause();
        }
      },
      { threshold: [0, SHARE] },
    );
    this.#watch.observe(this.videoTarget);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("visibilitychange", () => this.#rest(), { signal });
    onCovered(signal, () => this.#rest());
    onUnlocked(() => this.look(), signal);
    if (this.videoTarget.error !== null) {
      this.failed();
    } else if (this.videoTarget.readyState >= HEAD_CAME) {
      this.came();
    }
  }

  override disconnect(): void {
    this.#watch?.disconnect();
    this.#listening.abort();
    this.videoTarget.pause();
  }

  /** As an action: the head of the video came; one that has sound alone here is not seen. */
  came(): void {
    const { videoWidth, duration } = this.videoTarget;
    if (videoWidth === 0) {
      this.#say(this.cannotTarget);
    } else if (Number.isFinite(duration)) {
      this.look();
    }
  }

  /** As an action: it plays only before somebody who can see it, whoever made it begin. */
  begun(): void {
    this.#rest();
    // told anew where it stands at the next drawing of the screen, not where it stood before
    this.#watch?.unobserve(this.videoTarget);
    this.#watch?.observe(this.videoTarget);
  }

  /** As an action: some more was played; sound without a picture is not looked at. */
  look(): void {
    const { played, duration, videoWidth } = this.videoTarget;
    if (videoWidth === 0) {
      return;
    }
    const known = Number.isFinite(duration) ? duration : 0;
    const seconds = { n: Math.floor(lengthOf(played)), m: Math.ceil(known) };
    this.saidTarget.textContent = known > 0 ? word("videoPlayed", seconds) : "";
    if (!this.#isTold && !isLocked() && isWhole(played, known)) {
      this.#isTold = true;
      void this.#tell();
    }
  }

  failed(): void {
    const isLine = this.videoTarget.error?.code === MediaError.MEDIA_ERR_NETWORK;
    this.#say(isLine ? this.lostTarget : this.cannotTarget);
  }

  /** As an action: ask for it again. */
  load(): void {
    this.lostTarget.hidden = true;
    this.videoTarget.load();
  }

  #say(what: HTMLElement): void {
    this.cannotTarget.hidden = what !== this.cannotTarget;
    this.lostTarget.hidden = what !== this.lostTarget;
    this.element.dataset.state = what === this.cannotTarget ? "cannot" : "lost";
  }

  /** Nobody looks at a page that is behind another one, or behind the lock. */
  #rest(): void {
    if (isLocked() || document.visibilityState !== "visible") {
      this.videoTarget.pause();
    }
  }

  async #tell(): Promise<void> {
    this.#isTold = await insist(
      async () => (await send(this.urlValue, { body: {} })).kind === "done",
    );
    if (this.#isTold) {
      this.element.dataset.seen = "full";
      this.element.dispatchEvent(new CustomEvent("seen:told", { bubbles: true }));
    }
  }
}
