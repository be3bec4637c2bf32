import { Controller } from "@hotwired/stimulus";
import { concerns, type Entry } from "../lib/entry";
import { listen } from "../lib/events";
import { morph } from "../lib/morph";
import { word } from "../lib/words";

const GATHER_MS = 150;
const NEW_MS = 60_000;
const PATIENCE_MS = 30_000;
const AGAIN_MS = 1000;
const LONGEST_AGAIN_MS = 30_000;
const GONE = [401, 403, 404];

/** Redraws its element from the server's page when the journal says that something in it changed. */
export class LiveController extends Controller<HTMLElement> {
  static override values = { kinds: String, object: String };
  declare kindsValue: string;
  declare objectValue: string;
  #listening = new AbortController();
  #timer: number | undefined;
  #drawing = false;
  #again = false;
  #waiting = false;
  #failures = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    listen(signal, { entry: (entry) => this.#hear(entry), reset: () => this.#soon() });
    this.element.addEventListener("pointerleave", this.#free, { signal });
    this.element.addEventListener("focusout", this.#free, { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
    window.clearTimeout(this.#timer);
  }

  /** As an action (`act:done->live#draw`): the reader's own act shows without waiting for the news. */
  draw(): void {
    this.#soon();
  }

  #hear(entry: Entry): void {
    const mine =
      this.objectValue === "" || [entry.object_id, entry.case_id].includes(this.objectValue);
    if (mine && concerns(this.kindsValue, entry.kind)) {
      this.#soon();
    }
  }

  #soon(wait = GATHER_MS): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#redraw(), wait);
  }

  /** The reader has left the row: what waited for that takes its place. */
  #free = (): void => {
    if (this.#waiting) {
      this.#soon();
    }
  };

  async #redraw(): Promise<void> {
    if (this.#drawing) {
      this.#again = true;
      return;
    }
    this.#drawing = true;
    try {
      const now = await this.#fetch();
      this.#failures = 0;
      if (now !== null && this.element.isConnected) {
        this.#show(now);
      }
    } catch {
      this.#failures += 1;
    } finally {
      this.#drawing = false;
    }
    this.#goOn();
  }

  #show(now: Element): void {
    const { fresh, waiting } = morph(this.element, now, this.#anchor());
    this.#waiting = waiting;
    fresh.forEach(announce);
    this.dispatch("drawn");
  }

  /** What was told in between is drawn next; what could not be fetched is asked for again. */
  #goOn(): void {
    if (this.#failures > 0 && this.element.isConnected) {
      this.#again = false;
      this.#soon(Math.min(AGAIN_MS * 2 ** (this.#failures - 1), LONGEST_AGAIN_MS));
    } else if (this.#again) {
      this.#again = false;
      this.#soon();
    }
  }

  /** The newer drawing; null when this page is nobody's any more; throws when the line or server fails. */
  async #fetch(): Promise<Element | null> {
    const response = await fetch(window.location.href, {
      headers: { Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (GONE.includes(response.status)) {
      return null;
    }
    if (!response.ok) {
      throw new Error(`the page answered ${response.status}`);
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.getElementById(this.element.id);
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
