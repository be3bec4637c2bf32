import { Controller } from "@hotwired/stimulus";
import { headers } from "../lib/api";
import { under } from "../lib/place";
import { noticePlace, showSentence } from "../lib/problems";
import { word } from "../lib/words";

/** Searches without a name in the address: what was typed travels in the body. */
export class FindController extends Controller<HTMLFormElement> {
  static override values = { url: String, into: String };
  declare urlValue: string;
  declare intoValue: string;

  override connect(): void {
    this.element.addEventListener("submit", this.#search);
  }

  override disconnect(): void {
    this.element.removeEventListener("submit", this.#search);
  }

  #search = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const found = await this.#ask();
    if (found === null) {
      showSentence(noticePlace(this.element), word("network"));
      return;
    }
    document.getElementById(this.intoValue)?.replaceWith(document.importNode(found, true));
  };

  async #ask(): Promise<HTMLElement | null> {
    const typed = new FormData(this.element).get("q");
    try {
      const response = await fetch(under(this.urlValue), {
        method: "POST",
        headers: { ...headers(), Accept: "text/html", "Content-Type": "application/json" },
        body: JSON.stringify({ q: String(typed ?? "") }),
        credentials: "same-origin",
      });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return page.getElementById(this.intoValue);
    } catch {
      return null;
    }
  }
}
