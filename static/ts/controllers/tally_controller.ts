import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { concerns } from "../lib/entry";
import { listen } from "../lib/events";
import { onUnlocked } from "../lib/lock";

/** How many wait behind an entry of the rail: asked of the server, anew for each line about them. */
export class TallyController extends Controller<HTMLElement> {
  static override values = { url: String, kinds: String };
  declare readonly urlValue: string;
  declare readonly kindsValue: string;
  #listening = new AbortController();
  #asked = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    listen(signal, {
      entry: ({ kind }) => {
        if (concerns(this.kindsValue, kind)) {
          void this.#look();
        }
      },
      reset: () => void this.#look(),
    });
    onUnlocked(() => void this.#look(), signal);
    void this.#look();
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  /** What cannot be asked leaves what stands there; an older answer never overtakes a newer one. */
  async #look(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const answer = await send(this.urlValue, { method: "GET" });
    if (answer.kind === "done" && asked === this.#asked && this.element.isConnected) {
      const count = Number(answer.data.count ?? 0);
      this.element.textContent = count > 0 ? String(count) : "";
      this.element.hidden = count === 0;
    }
  }
}
