import { Controller } from "@hotwired/stimulus";
import { word } from "../lib/words";

const KEY = "names-hidden";

/** Hides every patient's name on the screen, for a stranger at the desk; remembered for the tab. */
export class NamesController extends Controller<HTMLButtonElement> {
  static override targets = ["text"];
  declare readonly textTargets: HTMLElement[];

  override connect(): void {
    this.#show(sessionStorage.getItem(KEY) === "1");
    this.element.addEventListener("click", this.#toggle);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#toggle);
  }

  #toggle = (): void => {
    const hidden = !document.documentElement.classList.contains(KEY);
    if (hidden) {
      sessionStorage.setItem(KEY, "1");
    } else {
      sessionStorage.removeItem(KEY);
    }
    this.#show(hidden);
  };

  #show(hidden: boolean): void {
    document.documentElement.classList.toggle(KEY, hidden);
    this.element.setAttribute("aria-pressed", String(hidden));
    for (const text of this.textTargets) {
      text.textContent = word(hidden ? "showNames" : "hideNames");
    }
  }
}
