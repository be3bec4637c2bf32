import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";
import { onProved, type Proof } from "../lib/proof";
import { randomId } from "../lib/uploads/row";

const WINDOW = "popup,width=520,height=680";

/**
 * Before its form is sent, the identity provider asks the person again, in a window of its own.
 * Whoever closes the dialog has given the act up: no proof that comes afterwards sends it.
 */
export class ProveController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare urlValue: string;
  #waiting: { attempt: string; submitter: HTMLElement | null } | undefined;
  #proved = false;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // ahead of what sends the form
    this.#form?.addEventListener("submit", this.#submit, { capture: true, signal });
    this.#dialog?.addEventListener("close", this.#forget, { signal });
    onProved(signal, (proof) => this.#go(proof));
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#forget();
  }

  get #dialog(): HTMLDialogElement | null {
    return this.element.closest("dialog");
  }

  get #isAskedFor(): boolean {
    return this.#dialog?.open !== false && this.element.closest("fieldset:disabled") === null;
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
    const attempt = randomId();
    this.#waiting = { attempt, submitter: event.submitter };
    window.open(`${under(this.urlValue)}?attempt=${attempt}`, "lianzhen-prove", WINDOW);
  };

  #forget = (): void => {
    this.#waiting = undefined;
  };

  #go({ token, attempt }: Proof): void {
    const waiting = this.#waiting;
    if (waiting?.attempt !== attempt || !this.#isAskedFor) {
      return;
    }
    this.#forget();
    // the session may be another one by now
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    this.#proved = true;
    this.#form?.requestSubmit(waiting.submitter);
    this.#proved = false;
  }
}
