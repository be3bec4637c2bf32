import { Controller } from "@hotwired/stimulus";
import { openDialog } from "../lib/dialogs";

/** A button that opens the native dialog of the given id; focus comes back to it on closing. */
export class DialogController extends Controller<HTMLElement> {
  static override values = { id: String };
  declare idValue: string;

  override connect(): void {
    this.element.setAttribute("aria-haspopup", "dialog");
    this.element.addEventListener("click", this.#open);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#open);
  }

  #open = (event: Event): void => {
    event.preventDefault();
    openDialog(this.idValue);
  };
}
