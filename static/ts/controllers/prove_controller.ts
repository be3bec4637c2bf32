import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";
import { onProved, type Proof } from "../lib/proof";
import { randomId } from "../lib/uploads/row";

const WINDOW = "popup,width=520,height=680";

interface Attempt {
  id: string;
  submitter: HTMLElement | null;
}

/** Before its form is sent, the identity provider asks the person again, in a window of its own. */
export class ProveController extends Controller<HTMLElement> {
  static override targets = ["blocked", "link"];
  static override values = { url: String };
  declare readonly blockedTargets: HTMLElement[];
  declare readonly linkTargets: HTMLAnchorElement[];
  declare urlValue: string;
  #waiting: Attempt | undefined;
  #proved = false;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // ahead of what sends the form
    this.#form?.addEventListener("submit", this.#submit, { capture: true, signal });
    // whoever closes the dialog has thought better of it
    this.#dialog?.addEventListener("close", this.#forget, { signal });
    onProved(signal, this.#go);
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#forget();
  }

  get #form(): HTMLFormElement | null {
    return this.element.closest("form");
  }

  get #dialog(): HTMLDialogElement | null {
    return this.element.closest("dialog");
  }

  get #isAsked(): boolean {
    return this.element.closest("fieldset:disabled") === null;
  }

  #submit = (event: SubmitEvent): void => {
    if (this.#proved || !this.#isAsked) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const id = randomId();
    this.#waiting = { id, submitter: event.submitter };
    const path = `${this.urlValue}?attempt=${id}`;
    const opened = window.open(under(path), "lianzhen-prove", WINDOW);
    this.#sayBlocked(opened === null, path);
  };

  /** Where the browser opens no window, the person does. */
  #sayBlocked(isBlocked: boolean, path: string): void {
    for (const link of this.linkTargets) {
      link.href = under(path);
    }
    for (const said of this.blockedTargets) {
      said.hidden = !isBlocked;
    }
  }

  #forget = (): void => {
    this.#waiting = undefined;
    this.#sayBlocked(false, this.urlValue);
  };

  #go = ({ token, attempt }: Proof): void => {
    const waiting = this.#waiting;
    const isShut = this.#dialog !== null && !this.#dialog.open;
    if (waiting === undefined || waiting.id !== attempt || isShut || !this.#isAsked) {
      return;
    }
    this.#forget();
    // the session may be another one by now
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    this.#proved = true;
    this.#form?.requestSubmit(waiting.submitter);
    this.#proved = false;
  };
}
