import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";
import { reload } from "../lib/place";
import type { AutosaveController } from "./autosave_controller";

const SAVED = "report.draft_saved";

/** Tells a reader that she has written on at another device or in another window meanwhile (U20). */
export class ElsewhereController extends Controller<HTMLElement> {
  static override targets = ["told"];
  static override values = { url: String, case: String };
  declare readonly toldTarget: HTMLElement;
  declare urlValue: string;
  declare caseValue: string;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const ask = () => void this.#ask();
    listen(this.#listening.signal, {
      entry: ({ kind, case_id }) => {
        if (kind === SAVED && case_id === this.caseValue) {
          ask();
        }
      },
      reset: ask,
    });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  /** As an action: draw the page anew, with what was written there. */
  load(): void {
    reload();
  }

  async #ask(): Promise<void> {
    const answer = await send(this.urlValue, { method: "GET" });
    const there = answer.kind === "done" ? Number(answer.data.version) : 0;
    // of this page's own savings the answer may still be on its way
    await this.#keeper?.idle();
    const here = document.querySelector<HTMLInputElement>("#report-form input[name=version]");
    if (here !== null && there > Number(here.value) && !this.#listening.signal.aborted) {
      this.toldTarget.hidden = false;
    }
  }

  get #keeper(): AutosaveController | null {
    const form = document.getElementById("report-form");
    return form === null
      ? null
      : (this.application.getControllerForElementAndIdentifier(
          form,
          "autosave",
        ) as AutosaveController | null);
  }
}
