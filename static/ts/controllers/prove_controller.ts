import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";
import { onProved } from "../lib/proof";

const WINDOW = "popup,width=520,height=680";

/** Before its form is sent, the identity provider asks the person again, in a window of its own. */
export class ProveController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare urlValue: string;
  #waiting: { submitter: HTMLElement | null } | undefined;
  #proved = false;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // ahead of what sends the form
    this.#form?.addEventListener("submit", this.#submit, { capture: true, signal });
    onProved(signal, (token) => this.#go(token));
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  get #form(): HTMLFormElement | null {
    return this.element.closest("form");
  }

  #submit = (event: SubmitEvent): void => {
    if (this.#proved || this.element.closest("fieldset:disabled") !== null) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#waiting = { submitter: event.submitter };
    window.open(under(this.urlValue), "lianzhen-prove", WINDOW);
  };

  #go(token: string): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      return;
    }
    this.#waiting = undefined;
    // the session may be another one by now
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    this.#proved = true;
    this.#form?.requestSubmit(waiting.submitter);
    this.#proved = false;
  }
}
