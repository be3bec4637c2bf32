import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";
import { onUnlocked } from "../lib/lock";
import { under } from "../lib/place";

const HEARD = "alert.";

/** An urgent alert as the server tells of it; nothing in it is about a patient. */
interface OpenAlert {
  alert_id: string;
  sentence: string;
  location: string;
}

/** Urgent alerts stand on every page of whom they concern, until somebody has confirmed them. */
export class AlertsController extends Controller<HTMLElement> {
  static override targets = ["row", "list", "more"];
  declare readonly rowTarget: HTMLTemplateElement;
  declare readonly listTarget: HTMLElement;
  declare readonly moreTarget: HTMLElement;
  #listening = new AbortController();
  #asked = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    listen(signal, {
      entry: ({ kind }) => {
        if (kind.startsWith(HEARD)) {
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
    const answer = await send("/api/alerts", { method: "GET" });
    if (answer.kind === "done" && asked === this.#asked && this.element.isConnected) {
      this.#show(answer.data.alerts as OpenAlert[], String(answer.data.more));
    }
  }

  /** The newest first; the list scrolls, so that it never covers the page. */
  #show(alerts: OpenAlert[], more: string): void {
    this.listTarget.replaceChildren(...alerts.map((alert) => this.#row(alert)));
    this.listTarget.scrollTop = 0;
    this.moreTarget.textContent = more;
    this.moreTarget.hidden = more === "";
    this.element.hidden = alerts.length === 0;
  }

  #row(alert: OpenAlert): Node {
    const row = this.rowTarget.content.cloneNode(true) as DocumentFragment;
    const link = row.querySelector("a");
    row.querySelector("[data-sentence]")?.append(alert.sentence);
    if (alert.location === "") {
      link?.remove();
    } else {
      link?.setAttribute("href", under(alert.location));
    }
    return row;
  }
}
