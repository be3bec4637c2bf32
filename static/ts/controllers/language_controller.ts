import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { reload } from "../lib/place";
import { noticePlace, showSentence } from "../lib/problems";
import { word } from "../lib/words";

/** Changes the language of the person, then draws the same page again. */
export class LanguageController extends Controller<HTMLElement> {
  static override values = { url: String, to: String };
  declare urlValue: string;
  declare toValue: string;

  override connect(): void {
    this.element.addEventListener("click", this.#change);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#change);
  }

  #change = async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await send(this.urlValue, { body: { language: this.toValue } });
    if (answer.kind === "done") {
      reload();
    } else {
      showSentence(noticePlace(this.element), word("network"));
    }
  };
}
