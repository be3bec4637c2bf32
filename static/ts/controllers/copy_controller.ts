import { Controller } from "@hotwired/stimulus";

const SAID_MS = 2000;

/** A button that puts one value on the clipboard and says so; what is not taken is shown, marked. */
export class CopyController extends Controller<HTMLElement> {
  static override targets = ["word"];
  static override values = { text: String, done: String };
  declare readonly wordTargets: HTMLElement[];
  declare textValue: string;
  declare doneValue: string;
  #shown: HTMLTextAreaElement | undefined;

  override connect(): void {
    this.element.addEventListener("click", this.#copy);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#copy);
    this.#shown?.remove();
  }

  #copy = async (): Promise<void> => {
    this.#shown?.remove();
    if (!(await put(this.textValue))) {
      this.#show();
      return;
    }
    for (const place of this.wordTargets) {
      const said = document.createElement("span");
      said.className = "copied";
      said.dataset.own = ""; // a newer drawing of the page does not take it away before it was read
      said.textContent = this.doneValue;
      place.before(said);
      window.setTimeout(() => said.remove(), SAID_MS);
    }
  };

  /** To be copied by hand: the browser has no clipboard for us. */
  #show(): void {
    const field = makeField(this.textValue);
    field.className = "area";
    field.setAttribute("aria-label", this.element.textContent?.trim() ?? "");
    field.dataset.own = "";
    this.element.after(field);
    field.select();
    this.#shown = field;
  }
}

function makeField(text: string): HTMLTextAreaElement {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  return field;
}

/** The clipboard of plain HTTP is the old one: a selection that is copied. */
async function put(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = makeField(text);
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
