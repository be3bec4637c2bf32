import { Controller } from "@hotwired/stimulus";
import { tellProved } from "../lib/proof";

/** The small window after the identity provider's answer: tells the page below it, and closes. */
export class ProvedController extends Controller<HTMLElement> {
  static override values = { token: String, attempt: String };
  declare tokenValue: string;
  declare attemptValue: string;

  override connect(): void {
    tellProved({ token: this.tokenValue, attempt: this.attemptValue });
    // a browser that has cut the window off from its opener leaves it open, as the page says
    window.close();
  }
}
