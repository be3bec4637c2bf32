import { Controller } from "@hotwired/stimulus";
import { follow } from "../lib/answers";
import { type Answer, send } from "../lib/api";
import { busy } from "../lib/busy";
import { openDialog } from "../lib/dialogs";
import { keepDrafts } from "../lib/drafts";
import { readForm } from "../lib/form_body";
import { clearProblems, noticePlace } from "../lib/problems";

/** A button that does one thing: asks first where a dialog is named, sends JSON, shows the answer. */
export class ActController extends Controller<HTMLElement> {
  static override values = {
    url: String,
    method: { type: String, default: "POST" },
    body: { type: Object, default: {} },
    confirm: String,
    stay: Boolean,
  };
  declare urlValue: string;
  declare methodValue: string;
  declare bodyValue: Record<string, unknown>;
  declare confirmValue: string;
  declare stayValue: boolean;
  #sending = false;
  #listening: AbortController | undefined;

  override connect(): void {
    this.element.addEventListener("click", this.#click);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#click);
    this.#listening?.abort();
  }

  #click = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
    if (this.#sending || this.element.getAttribute("aria-disabled") === "true") {
      return;
    }
    if (this.confirmValue === "") {
      void this.#send(this.bodyValue, this.element, noticePlace(this.element));
    } else {
      this.#ask();
    }
  };

  #ask(): void {
    const dialog = openDialog(this.confirmValue);
    const form = dialog?.querySelector("form");
    if (!dialog || !form) {
      return;
    }
    clearProblems(form);
    // one dialog may serve many rows: only the button that opened it listens
    this.#listening?.abort();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    dialog.addEventListener("close", () => this.#listening?.abort(), { signal });
    const submitted = (event: SubmitEvent) => {
      event.preventDefault();
      const body = { ...this.bodyValue, ...readForm(form, event.submitter) };
      void this.#send(body, event.submitter, form, dialog);
    };
    form.addEventListener("submit", submitted, { signal });
  }

  async #send(
    body: Record<string, unknown>,
    button: HTMLElement | null,
    place: HTMLElement,
    dialog?: HTMLDialogElement,
  ): Promise<void> {
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    const release = busy(button);
    const answer = await this.#deliver(body);
    release();
    this.#sending = false;
    if (answer === null) {
      dialog?.close();
      return;
    }
    if (answer.kind === "done") {
      dialog?.close();
    }
    follow(answer, { source: this.element, event: "act", place, stay: this.stayValue });
  }

  /** Null when a draft of the page holds something that the server could not keep. */
  async #deliver(body: Record<string, unknown>): Promise<Answer | null> {
    const newer = await keepDrafts(this.element);
    if (newer === null) {
      return null;
    }
    // the button was drawn with the version of then; what replaced it was typed on this very page
    const version = newer.get(Number(body.version)) ?? body.version;
    const told = version === undefined ? body : { ...body, version };
    return await send(this.urlValue, { method: this.methodValue, body: told });
  }
}
