import { Controller } from "@hotwired/stimulus";
import { concerns } from "../lib/entry";
import { listen } from "../lib/events";
import { onCovered } from "../lib/lock";
import type { Visit } from "../rooms/visit";

/** The page of a call; what it does is in `static/ts/rooms/`, loaded by this page alone. */
export class CallController extends Controller<HTMLElement> {
  static override values = { url: String, case: String, me: String };
  declare urlValue: string;
  declare caseValue: string;
  declare meValue: string;
  #listening = new AbortController();
  #visit: Visit | undefined;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    void this.#begin(signal);
    listen(signal, {
      entry: ({ kind, case_id }) => {
        if (case_id === this.caseValue && concerns("room.*", kind) && kind !== "room.measured") {
          void this.#visit?.refresh();
        }
      },
      reset: () => void this.#visit?.refresh(),
    });
    onCovered(signal, () => this.#visit?.cover());
    // the camera's light goes out with the page, also where the browser keeps the page
    window.addEventListener("pagehide", () => this.#visit?.close(), { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#visit?.close();
  }

  enter(): void {
    void this.#visit?.enter();
  }

  again(): void {
    void this.#visit?.begin();
  }

  microphone(): void {
    void this.#visit?.microphone();
  }

  camera(): void {
    void this.#visit?.camera();
  }

  screen(): void {
    void this.#visit?.screen();
  }

  sound({ currentTarget }: Event): void {
    const button = currentTarget as HTMLElement;
    this.#visit?.sound(button.getAttribute("aria-pressed") !== "true");
  }

  ring(): void {
    void this.#visit?.ring();
  }

  leave(): void {
    this.#visit?.leave();
  }

  end(): void {
    void this.#visit?.end();
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const [{ Visit }, { Stage }] = await Promise.all([
      import("../rooms/visit"),
      import("../rooms/stage"),
    ]);
    if (!signal.aborted) {
      this.#visit = new Visit(new Stage(this.element), this.urlValue, this.meValue);
      await this.#visit.begin();
    }
  }
}
