import { Controller } from "@hotwired/stimulus";

/** A button outside the form ticks every box of it that can be ticked, as a hand would. */
export class ChooseAllController extends Controller<HTMLFormElement> {
  static override targets = ["box"];
  declare readonly boxTargets: HTMLInputElement[];
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    document
      .querySelector(`[data-choose-all-for="${this.element.id}"]`)
      ?.addEventListener("click", this.#all, { signal: this.#listening.signal });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  #all = (): void => {
    for (const box of this.boxTargets) {
      if (!box.checked) {
        box.click();
      }
    }
  };
}
