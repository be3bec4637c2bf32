import { Controller } from "@hotwired/stimulus";
import { nextDrawing } from "../lib/drawing";
import { concerns, type Entry } from "../lib/entry";
import { listen } from "../lib/events";
import { morph } from "../lib/morph";
import { word } from "../lib/words";

const NEW_MS = 60_000;
const AGAIN_MS = 1000;
const LONGEST_AGAIN_MS = 30_000;

/**
 * Redraws its element from the server's page when the journal says that something in it changed,
 * and, while `every` is more than nothing, after so many seconds: of long work no line tells.
 */
export class LiveController extends Controller<HTMLElement> {
  static override values = { kinds: String, object: String, every: Number };
  declare kindsValue: string;
  declare objectValue: string;
  declare everyValue: number;
  #listening = new AbortController();
  #timer: number | undefined;
  #beat: number | undefined;
  #awaited: Promise<Document | null> | undefined;
  #waiting = false;
  #failures = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    listen(signal, { entry: (entry) => this.#hear(entry), reset: () => void this.#redraw() });
    this.element.addEventListener("pointerleave", this.#free, { signal });
    this.element.addEventListener("focusout", this.#free, { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
    window.clearTimeout(this.#timer);
    window.clearInterval(this.#beat);
  }

  everyValueChanged(): void {
    window.clearInterval(this.#beat);
    if (this.everyValue > 0) {
      this.#beat = window.setInterval(() => void this.#redraw(), this.everyValue * 1000);
    }
  }

  /** As an action (`act:done->live#draw`): the reader's own act shows without waiting for the news. */
  draw(): void {
    void this.#redraw();
  }

  #hear(entry: Entry): void {
    const mine =
      this.objectValue === "" || [entry.object_id, entry.case_id].includes(this.objectValue);
    if (mine && concerns(this.kindsValue, entry.kind)) {
      void this.#redraw();
    }
  }

  /** The reader has left the row: what waited for that takes its place. */
  #free = (): void => {
    if (this.#waiting) {
      void this.#redraw();
    }
  };

  /** A drawing that has not been asked for yet covers all news until then; what fails is asked for again. */
  async #redraw(): Promise<void> {
    const drawing = nextDrawing();
    if (drawing === this.#awaited) {
      return;
    }
    window.clearTimeout(this.#timer);
    this.#awaited = drawing;
    try {
      const now = (await drawing)?.getElementById(this.element.id);
      this.#failures = 0;
      if (now && this.element.isConnected) {
        this.#show(now);
      }
    } catch {
      this.#insist();
    } finally {
      this.#awaited = this.#awaited === drawing ? undefined : this.#awaited;
    }
  }

  #insist(): void {
    this.#failures += 1;
    if (this.element.isConnected) {
      const wait = Math.min(AGAIN_MS * 2 ** (this.#failures - 1), LONGEST_AGAIN_MS);
      this.#timer = window.setTimeout(() => void this.#redraw(), wait);
    }
  }

  #show(now: Element): void {
    const { fresh, waiting } = morph(this.element, now, this.#anchor());
    this.#waiting = waiting;
    fresh.forEach(announce);
    this.dispatch("drawn");
  }

  /** The innermost keyed part under the pointer, else under the focus. */
  #anchor(): Element | null {
    const under = [...this.element.querySelectorAll("[data-key]:hover")].pop();
    const focused = document.activeElement?.closest("[data-key]") ?? null;
    return under ?? (focused !== null && this.element.contains(focused) ? focused : null);
  }
}

/** 刚到 for a minute, in the row's own place for it. */
function announce(row: HTMLElement): void {
  const badge = document.createElement("span");
  badge.className = "badge b-accent";
  badge.dataset.own = "";
  badge.textContent = word("new");
  row.classList.add("is-new");
  (row.querySelector("[data-new]") ?? row.firstElementChild ?? row).append(" ", badge);
  window.setTimeout(() => {
    row.classList.remove("is-new");
    badge.remove();
  }, NEW_MS);
}
