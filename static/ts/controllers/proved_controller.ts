import { Controller } from "@hotwired/stimulus";
import { tellProved } from "../lib/proof";

/** The small window after the identity provider's answer: tells the page below it, and closes. */
export class ProvedController extends Controller<HTMLElement> {
  static override values = { token: String };
  declare tokenValue: string;

  override connect(): void {
    tellProved(this.tokenValue);
    // a browser that has cut the window off from its opener leaves it open, as the page says
    window.close();
  }
}
