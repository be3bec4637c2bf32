import { Controller } from "@hotwired/stimulus";

const KEY = "eye-order";

/**
 * Which eye stands left: the right one, as one faces a patient, unless the reader turns it round.
 * It holds until she signs out, and never for the next person at this machine.
 */
export class OrderController extends Controller<HTMLElement> {
  static override targets = ["turn"];
  declare readonly turnTarget: HTMLElement;
  declare readonly hasTurnTarget: boolean;

  override connect(): void {
    this.#show(sessionStorage.getItem(KEY) === "left");
  }

  turn(): void {
    const isLeft = sessionStorage.getItem(KEY) !== "left";
    if (isLeft) {
      sessionStorage.setItem(KEY, "left");
    } else {
      sessionStorage.removeItem(KEY);
    }
    this.#show(isLeft);
  }

  #show(isLeft: boolean): void {
    this.element.querySelector(".views")?.setAttribute("data-order", isLeft ? "left" : "right");
    if (this.hasTurnTarget) {
      this.turnTarget.setAttribute("aria-pressed", String(isLeft));
    }
  }
}
