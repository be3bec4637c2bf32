import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";

/** Shows what an answer says only once, such as a one-time password, and hides the form it came from. */
export class OnceController extends Controller<HTMLElement> {
  static override targets = ["form", "shown"];
  declare readonly formTargets: HTMLElement[];
  declare readonly shownTarget: HTMLElement;

  override connect(): void {
    this.element.addEventListener("form:done", this.#show);
    this.element.addEventListener("act:done", this.#show);
  }

  override disconnect(): void {
    this.element.removeEventListener("form:done", this.#show);
    this.element.removeEventListener("act:done", this.#show);
  }

  #show = (event: Event): void => {
    const said = (event as CustomEvent<Record<string, unknown>>).detail;
    for (const place of this.shownTarget.querySelectorAll<HTMLElement>("[data-once]")) {
      place.textContent = String(said[place.dataset.once ?? ""] ?? "");
    }
    for (const link of this.shownTarget.querySelectorAll<HTMLAnchorElement>("a[data-once-id]")) {
      link.href = under(`${link.dataset.onceId ?? ""}${encodeURIComponent(String(said.id ?? ""))}`);
    }
    for (const form of this.formTargets) {
      form.hidden = true;
    }
    this.shownTarget.hidden = false;
    this.shownTarget.focus();
  };
}
