import { Controller } from "@hotwired/stimulus";
import type { Desk, Hand, Told } from "../marks/desk";

/** Drawing on the pictures of the reading room; its scripts are loaded behind the first pictures. */
export class MarksController extends Controller<HTMLElement> {
  static override values = { told: Object };
  declare toldValue: Told;
  #desk: Desk | undefined;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    if (document.readyState === "complete") {
      void this.#load(signal);
    } else {
      window.addEventListener("load", () => void this.#load(signal), { once: true, signal });
    }
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  async #load(signal: AbortSignal): Promise<void> {
    const room = this.element.closest<HTMLElement>(".read-shell");
    if (room !== null) {
      const { Desk } = await import("../marks/desk");
      if (signal.aborted) {
        return;
      }
      this.#desk = new Desk(this.element, room, this.toldValue, signal);
      this.element.dataset.ready = "true";
    }
  }

  /** As an action: the bar with the tools opens with selection, or closes. */
  open(): void {
    this.#desk?.open();
  }

  /** As an action: take up a tool, or put it down again. */
  use({ params }: { params: { tool: Hand } }): void {
    this.#desk?.use(params.tool);
  }

  /** As an action: this picture stands in the report, or does not. */
  key(): void {
    this.#desk?.key();
  }

  others(): void {
    this.#desk?.others();
  }

  undo(): void {
    this.#desk?.board.store.undo();
  }

  redo(): void {
    this.#desk?.board.store.redo();
  }

  remove(): void {
    this.#desk?.board.remove();
  }

  lesion(event: Event): void {
    const select = event.currentTarget as HTMLSelectElement;
    this.#desk?.mark(select.value);
    select.blur();
  }

  label(event: Event): void {
    this.#desk?.label((event.currentTarget as HTMLInputElement).value);
  }

  /** As an action: what was saved elsewhere stands here as well; what stood here is one step back. */
  theirs(): void {
    this.#desk?.theirs();
  }

  /** As an action: what stands here becomes the next revision. */
  mine(): void {
    void this.#desk?.board.saver.putMine();
  }
}
