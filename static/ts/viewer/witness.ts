import { send } from "../lib/api";
import { insist } from "../lib/insist";
import { isLocked, onUnlocked } from "../lib/lock";
import { word } from "../lib/words";
import type { Pane } from "./pane";
import type { Spot } from "./standing";

const SHARE = 0.5;

/**
 * What this reader has had on the screen in full resolution (U7): a film counts once each of its
 * frames was drawn from its own pixels, at least half of it in sight, in a page that is looked at
 * and over which no lock has fallen.
 */
export class Witness {
  readonly #url: (film: string) => string;
  readonly #seen = new Map<string, Set<number>>();
  readonly #told = new Set<string>();
  readonly #inSight = new WeakMap<Element, boolean>();
  readonly #watch = new IntersectionObserver((entries) => this.#look(entries), {
    threshold: [0, SHARE],
  });
  readonly #panes = new Map<Element, Pane>();
  readonly #watching = new AbortController();

  constructor(url: (film: string) => string, known: string[]) {
    this.#url = url;
    for (const film of known) {
      this.#told.add(film);
    }
    const { signal } = this.#watching;
    document.addEventListener("visibilitychange", () => this.#again(), { signal });
    onUnlocked(() => this.#again(), signal);
  }

  close(): void {
    this.#watching.abort();
    this.#watch.disconnect();
    this.#panes.clear();
  }

  watch(pane: Pane): void {
    const frame = pane.view.querySelector(".view-img");
    if (frame !== null) {
      this.#panes.set(frame, pane);
      this.#watch.observe(frame);
    }
  }

  /** A spot was drawn: it is seen if somebody can see it, now or when she comes back. */
  drawn(pane: Pane, spot: Spot): void {
    if (this.#watching.signal.aborted) {
      return;
    }
    const frame = pane.view.querySelector(".view-img");
    const isSeen = frame?.isConnected === true && this.#inSight.get(frame) === true;
    if (isSeen && document.visibilityState === "visible" && !isLocked()) {
      const frames = this.#seen.get(spot.film) ?? new Set();
      this.#seen.set(spot.film, frames.add(spot.frame.number));
      if (frames.size >= spot.frames && !this.#told.has(spot.film)) {
        void this.#tell(pane, spot);
      }
    }
    this.say(pane, spot);
  }

  say(pane: Pane, spot: Spot): void {
    const seen = this.#seen.get(spot.film)?.size ?? 0;
    const part = pane.view.querySelector("[data-part=seen]");
    const isFull = this.#told.has(spot.film);
    pane.view.dataset.seen = isFull ? "full" : spot.frames > 1 ? "part" : "preview";
    if (part !== null) {
      part.textContent = word("viewerFramesSeen", { n: seen, m: spot.frames });
    }
  }

  async #tell(pane: Pane, spot: Spot): Promise<void> {
    this.#told.add(spot.film);
    const isHeard = await insist(
      async () => (await send(this.#url(spot.film), { body: {} })).kind === "done",
    );
    if (!isHeard) {
      // not told is not seen: the next look at it tries again
      this.#told.delete(spot.film);
      return;
    }
    if (pane.spot?.film === spot.film) {
      this.say(pane, spot);
    }
    const detail = { film: spot.film };
    pane.view.dispatchEvent(new CustomEvent("seen:told", { bubbles: true, detail }));
  }

  #look(entries: IntersectionObserverEntry[]): void {
    for (const { target, intersectionRatio } of entries) {
      this.#inSight.set(target, intersectionRatio >= SHARE);
    }
    this.#again();
  }

  #again(): void {
    for (const pane of this.#panes.values()) {
      if (pane.isOn && pane.spot !== undefined && pane.isWhole) {
        this.drawn(pane, pane.spot);
      }
    }
  }
}
