import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";

const LOST = [403, 404, 409, 410];

/** Renews the lease of a taken case while its page is open, hidden too; says so when it is lost. */
export class LeaseController extends Controller<HTMLElement> {
  static override targets = ["lost"];
  static override values = { url: String, every: Number };
  declare readonly lostTargets: HTMLElement[];
  declare urlValue: string;
  declare everyValue: number;
  #timer: number | undefined;
  #renewedAt = Date.now();
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    listen(this.#listening.signal, {
      entry: ({ kind, case_id }) => {
        if (kind === "case.lease_expired" && case_id && this.urlValue.includes(case_id)) {
          void this.#renew();
        }
      },
    });
    this.#timer = window.setInterval(() => this.#renewWhenDue(), 5000);
    document.addEventListener("visibilitychange", this.#renewWhenDue);
  }

  override disconnect(): void {
    this.#listening.abort();
    window.clearInterval(this.#timer);
    document.removeEventListener("visibilitychange", this.#renewWhenDue);
  }

  #renewWhenDue = (): void => {
    const due = Date.now() - this.#renewedAt >= this.everyValue * 1000;
    if (due) {
      this.#renewedAt = Date.now();
      void this.#renew();
    }
  };

  async #renew(): Promise<void> {
    const answer = await send(this.urlValue, { body: {} });
    if (answer.kind === "problem" && LOST.includes(answer.problem.status)) {
      this.disconnect();
      for (const part of this.lostTargets) {
        part.hidden = false;
      }
      this.dispatch("lost");
    }
  }
}
