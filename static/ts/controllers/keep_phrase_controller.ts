import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { showProblem } from "../lib/problems";

/** Keeps what stands in a field as the reader's own phrase, and offers it at once beside the others. */
export class KeepPhraseController extends Controller<HTMLElement> {
  static override targets = ["made", "keep"];
  static override values = { url: String, part: String, from: String, kept: String };
  declare readonly madeTarget: HTMLTemplateElement;
  declare readonly keepTarget: HTMLButtonElement;
  declare urlValue: string;
  declare partValue: string;
  declare fromValue: string;
  declare keptValue: string;

  async keep(): Promise<void> {
    const field = document.getElementById(this.fromValue);
    const text = field instanceof HTMLTextAreaElement ? field.value.trim() : "";
    if (text === "") {
      field?.focus();
      return;
    }
    this.keepTarget.disabled = true;
    const answer = await send(this.urlValue, { body: { part: this.partValue, text } });
    this.keepTarget.disabled = false;
    if (answer.kind === "problem") {
      const form = this.element.closest("form");
      if (form !== null) {
        showProblem(form, answer.problem, false);
      }
    } else if (answer.kind === "done") {
      this.#offer(text);
    }
  }

  #offer(text: string): void {
    const known = this.element.querySelectorAll<HTMLElement>("[data-phrase-text-value]");
    if ([...known].some((button) => button.dataset.phraseTextValue === text)) {
      return;
    }
    const made = this.madeTarget.content.firstElementChild?.cloneNode(true);
    if (!(made instanceof HTMLElement)) {
      return;
    }
    made.dataset.phraseTextValue = text;
    made.title = `${this.keptValue} · ${text}`;
    made.querySelector("span")?.replaceChildren(text);
    this.madeTarget.before(made);
  }
}
