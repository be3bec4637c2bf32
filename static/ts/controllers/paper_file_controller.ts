import { Controller } from "@hotwired/stimulus";
import { headers, readProblem } from "../lib/api";
import { shrunk } from "../lib/photograph";
import { under } from "../lib/place";
import { clearProblems, noticePlace, showProblem, showSentence } from "../lib/problems";
import { word } from "../lib/words";

const PATIENCE_MS = 180_000;

/** A paper's photograph goes to the server as soon as it is taken or chosen, one after the other. */
export class PaperFileController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare urlValue: string;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.element.addEventListener("change", (event) => void this.#chosen(event), { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  async #chosen(event: Event): Promise<void> {
    const input = event.target;
    const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
    if (!(input instanceof HTMLInputElement) || file === undefined) {
      return;
    }
    input.disabled = true;
    this.element.setAttribute("aria-busy", "true");
    const place = noticePlace(this.element);
    clearProblems(place);
    try {
      await this.#send(file, place);
    } catch {
      showSentence(place, word("network"));
    } finally {
      this.element.removeAttribute("aria-busy");
      input.value = "";
      input.disabled = false;
    }
    this.dispatch("sent");
  }

  async #send(file: File, place: HTMLElement): Promise<void> {
    const body = await shrunk(file);
    const response = await fetch(under(this.urlValue), {
      method: "POST",
      headers: {
        ...headers(),
        Accept: "application/json",
        "Content-Type": body.type || "application/octet-stream",
      },
      body,
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) {
      showProblem(place, readProblem(response.status, await response.text()));
    }
  }
}
