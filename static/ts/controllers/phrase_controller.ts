import { Controller } from "@hotwired/stimulus";

/** A button that puts its text into a field: only when pressed, never by itself. */
export class PhraseController extends Controller<HTMLButtonElement> {
  static override values = {
    into: String,
    text: String,
    glue: { type: String, default: "\n" },
    instead: Boolean,
  };
  declare intoValue: string;
  declare textValue: string;
  declare glueValue: string;
  declare insteadValue: boolean;

  override connect(): void {
    this.element.addEventListener("click", this.#insert);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#insert);
  }

  #insert = (): void => {
    const eye = this.element.closest<HTMLElement>("[data-eye]")?.dataset.eye ?? "";
    const field = document.getElementById(this.intoValue.replace("{eye}", eye));
    if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) {
      return;
    }
    const before = this.insteadValue ? "" : field.value.trimEnd();
    if (before.split(this.glueValue).includes(this.textValue)) {
      return;
    }
    field.value = before === "" ? this.textValue : before + this.glueValue + this.textValue;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
}
