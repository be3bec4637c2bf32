import { Controller } from "@hotwired/stimulus";
import { follow } from "../lib/answers";
import { type Answer, send } from "../lib/api";
import { busy } from "../lib/busy";
import { keepDrafts } from "../lib/drafts";
import { readForm } from "../lib/form_body";
import { clearProblems } from "../lib/problems";

/** Sends the form as JSON and shows the answer where it belongs; loses nothing that was typed. */
export class FormController extends Controller<HTMLFormElement> {
  static override values = {
    url: String,
    method: { type: String, default: "POST" },
    stay: Boolean,
    network: String,
  };
  declare urlValue: string;
  declare methodValue: string;
  declare stayValue: boolean;
  declare networkValue: string;
  #sending = false;

  override connect(): void {
    // the server's sentences, in the page's language, instead of the browser's bubbles
    this.element.noValidate = true;
    this.element.addEventListener("submit", this.#submit);
    this.element.addEventListener("keydown", this.#key);
  }

  override disconnect(): void {
    this.element.removeEventListener("submit", this.#submit);
    this.element.removeEventListener("keydown", this.#key);
  }

  #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const submitter = event.submitter ?? this.#mainButton();
    if (this.#sending || submitter?.getAttribute("aria-disabled") === "true") {
      return;
    }
    this.#sending = true;
    const release = busy(submitter);
    const answer = await this.#send(event.submitter, submitter?.dataset.url ?? this.urlValue);
    release();
    this.#sending = false;
    if (answer === null) {
      return;
    }
    this.dispatch("answered", { detail: answer });
    follow(answer, {
      source: this.element,
      event: "form",
      place: this.element,
      stay: this.stayValue,
      unreachable: this.networkValue,
    });
  };

  /** Null when another form of the page holds something that the server could not keep. */
  async #send(submitter: HTMLElement | null, url: string): Promise<Answer | null> {
    if ((await keepDrafts(this.element)) === null) {
      return null;
    }
    clearProblems(this.element);
    return await send(url, { method: this.methodValue, body: readForm(this.element, submitter) });
  }

  #key = (event: KeyboardEvent): void => {
    if (event.code === "Enter" && event.ctrlKey && !event.isComposing) {
      event.preventDefault();
      this.element.requestSubmit(this.#mainButton());
    }
  };

  #mainButton(): HTMLButtonElement | null {
    const own = [...this.element.elements].filter(
      (control): control is HTMLButtonElement =>
        control instanceof HTMLButtonElement && control.type === "submit",
    );
    return own.find((button) => button.classList.contains("btn-main")) ?? own[0] ?? null;
  }
}
