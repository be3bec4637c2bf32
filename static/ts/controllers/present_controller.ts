import { Controller } from "@hotwired/stimulus";

/** Who sits beside the reader: once one is written down, the fields are empty for the next. */
export class PresentController extends Controller<HTMLElement> {
  clear({ target }: Event): void {
    const form = target as HTMLFormElement;
    form.reset();
    // parts of the form depend on what is chosen in it
    form.dispatchEvent(new Event("change"));
  }
}
