import { Controller } from "@hotwired/stimulus";
import { rateOf } from "../lib/cine";
import { isLocked, onCovered } from "../lib/lock";
import type { Stage } from "../viewer/stage";

const OWN_KEY = "KeyU";
const ACTS = ["pointerdown", "wheel", "keydown"] as const;

/** A stack played at the rate that its file recommends, until anything else is done. */
export class CineController extends Controller<HTMLElement> {
  static override targets = ["turn"];
  declare readonly turnTarget: HTMLElement;
  #stage: Stage | undefined;
  #turn = 0;
  #isOn = false;
  #listening = new AbortController();

  override connect(): void {
    this.element.addEventListener("viewer:ready", this.#ready);
    document.addEventListener("visibilitychange", this.#end);
    this.#listening = new AbortController();
    onCovered(this.#listening.signal, this.#end);
    for (const act of ACTS) {
      document.addEventListener(act, this.#other, { capture: true, passive: true });
    }
  }

  override disconnect(): void {
    this.#end();
    this.#listening.abort();
    this.element.removeEventListener("viewer:ready", this.#ready);
    document.removeEventListener("visibilitychange", this.#end);
    for (const act of ACTS) {
      document.removeEventListener(act, this.#other, { capture: true });
    }
  }

  turn(): void {
    if (this.#isOn) {
      this.#end();
    } else {
      void this.#play(++this.#turn);
    }
  }

  /** One place after the other, none left out: a slow machine plays more slowly. */
  async #play(turn: number): Promise<void> {
    const pane = this.#stage?.current;
    if (pane === undefined || pane.length < 2 || isLocked()) {
      return;
    }
    this.#mark(true);
    while (this.#isOn && turn === this.#turn && pane === this.#stage?.current) {
      const due = performance.now() + 1000 / rateOf(pane.spot?.frame.set ?? {});
      await pane.go((pane.at + 1) % pane.length);
      const rest = Math.max(due - performance.now(), 0);
      await new Promise((resolve) => window.setTimeout(resolve, rest));
    }
    if (turn === this.#turn) {
      this.#mark(false);
    }
  }

  #mark(isOn: boolean): void {
    this.#isOn = isOn;
    this.turnTarget.setAttribute("aria-pressed", String(isOn));
  }

  #ready = (event: Event): void => {
    this.#stage = (event as CustomEvent<{ stage: Stage }>).detail.stage;
  };

  #other = (event: Event): void => {
    const isOwn =
      event instanceof KeyboardEvent
        ? event.code === OWN_KEY
        : this.turnTarget.contains(event.target as Node);
    if (!isOwn && this.#isOn) {
      this.#end();
    }
  };

  #end = (): void => {
    this.#mark(false);
  };
}
