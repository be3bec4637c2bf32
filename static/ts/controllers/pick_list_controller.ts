import { Controller } from "@hotwired/stimulus";

/** A long list of ticks behind a search: what is ticked stays, what fits what was typed appears. */
export class PickListController extends Controller<HTMLElement> {
  static override targets = ["find", "item"];
  declare readonly findTarget: HTMLInputElement;
  declare readonly itemTargets: HTMLElement[];

  override connect(): void {
    this.findTarget.addEventListener("input", this.#show);
    this.findTarget.addEventListener("keydown", this.#key);
    this.element.addEventListener("change", this.#show);
  }

  override disconnect(): void {
    this.findTarget.removeEventListener("input", this.#show);
    this.findTarget.removeEventListener("keydown", this.#key);
    this.element.removeEventListener("change", this.#show);
  }

  #show = (): void => {
    const words = this.findTarget.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of this.itemTargets) {
      const text = (item.dataset.text ?? "").toLowerCase();
      const fits = words.length > 0 && words.every((word) => text.includes(word));
      const isTicked = item.querySelector<HTMLInputElement>("input")?.checked ?? false;
      item.hidden = !fits && !isTicked;
    }
  };

  /** Enter ticks the one that is left, and never sends the form. */
  #key = (event: KeyboardEvent): void => {
    if (event.code !== "Enter" || event.ctrlKey || event.isComposing) {
      return;
    }
    event.preventDefault();
    const open = this.itemTargets
      .filter((item) => !item.hidden)
      .map((item) => item.querySelector<HTMLInputElement>("input"))
      .filter((box) => box !== null && !box.checked);
    const [only] = open;
    if (open.length === 1 && only) {
      only.click();
      this.findTarget.value = "";
      this.#show();
    }
  };
}
