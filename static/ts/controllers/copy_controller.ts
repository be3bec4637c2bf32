import { Controller } from "@hotwired/stimulus";

const SAID_MS = 2000;

/** A button that puts one value on the clipboard and says so. */
export class CopyController extends Controller<HTMLElement> {
  static override targets = ["word"];
  static override values = { text: String, done: String };
  declare readonly wordTargets: HTMLElement[];
  declare textValue: string;
  declare doneValue: string;

  override connect(): void {
    this.element.addEventListener("click", this.#copy);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#copy);
  }

  #copy = async (): Promise<void> => {
    if (!(await put(this.textValue))) {
      return;
    }
    for (const place of this.wordTargets) {
      const before = place.textContent;
      place.textContent = this.doneValue;
      window.setTimeout(() => {
        place.textContent = before;
      }, SAID_MS);
    }
  };
}

/** The clipboard of plain HTTP is the old one: a selection that is copied. */
async function put(text: string): Promise<boolean> {
  if (window.isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
