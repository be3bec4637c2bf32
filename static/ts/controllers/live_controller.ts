import { Controller } from "@hotwired/stimulus";
import { concerns, type Entry } from "../lib/entry";
import { listen } from "../lib/events";
import { morph } from "../lib/morph";
import { word } from "../lib/words";

const GATHER_MS = 150;
const NEW_MS = 60_000;

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

  #soon(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#redraw(), GATHER_MS);
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
    const now = await this.#fetch();
    if (now !== null && this.element.isConnected) {
      const { fresh, waiting } = morph(this.element, now, this.#anchor());
      this.#waiting = waiting;
      fresh.forEach(announce);
      this.dispatch("drawn");
    }
    this.#drawing = false;
    if (this.#again) {
      this.#again = false;
      this.#soon();
    }
  }

  async #fetch(): Promise<Element | null> {
    try {
      const response = await fetch(window.location.href, {
        headers: { Accept: "text/html" },
        credentials: "same-origin",
        cache: "no-store",
      });
      if (!response.ok) {
        return null;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return page.getElementById(this.element.id);
    } catch {
      return null;
    }
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
