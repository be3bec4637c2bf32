import { Controller } from "@hotwired/stimulus";
import { device, display } from "../lib/device";

/** Says on what kind of screen the page stands, and shows what concerns a small one (VW-10). */
export class DeviceController extends Controller<HTMLElement> {
  static override targets = ["small", "display"];
  declare readonly smallTargets: HTMLElement[];
  declare readonly displayTargets: HTMLElement[];

  override connect(): void {
    this.element.dataset.device = device();
    for (const part of this.smallTargets) {
      part.hidden = device() !== "small";
    }
    for (const part of this.displayTargets) {
      if (part instanceof HTMLInputElement) {
        part.value = display();
      } else {
        part.textContent = display().replace("x", " × ");
      }
    }
  }
}
