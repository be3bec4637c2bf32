import { Controller } from "@hotwired/stimulus";
import { follow } from "../lib/answers";
import { send } from "../lib/api";
import { busy } from "../lib/busy";
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
    clearProblems(this.element);
    const release = busy(submitter);
    const body = readForm(this.element, event.submitter);
    const url = submitter?.dataset.url ?? this.urlValue;
    const answer = await send(url, { method: this.methodValue, body });
    release();
    this.#sending = false;
    this.dispatch("answered", { detail: answer });
    follow(answer, {
      source: this.element,
      event: "form",
      place: this.element,
      stay: this.stayValue,
      unreachable: this.networkValue,
    });
  };

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
