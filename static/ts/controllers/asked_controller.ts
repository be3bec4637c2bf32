import { Controller } from "@hotwired/stimulus";
import type { Answer } from "../lib/api";

/** A part of a form that is shown once the server has asked for its field, such as a code. */
export class AskedController extends Controller<HTMLElement> {
  static override values = { field: String };
  declare fieldValue: string;
  #form: HTMLFormElement | null = null;

  override connect(): void {
    this.#form = this.element.closest("form");
    this.#form?.addEventListener("form:answered", this.#answered);
  }

  override disconnect(): void {
    this.#form?.removeEventListener("form:answered", this.#answered);
  }

  #answered = (event: Event): void => {
    const answer = (event as CustomEvent<Answer>).detail;
    if (answer.kind !== "problem") {
      return;
    }
    if (answer.problem.errors.some(({ field }) => field === this.fieldValue)) {
      this.element.hidden = false;
      // after the refusal has been shown, which takes the focus
      window.setTimeout(() => this.element.querySelector<HTMLElement>("input")?.focus(), 0);
    }
  };
}
