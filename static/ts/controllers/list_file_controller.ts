import { Controller } from "@hotwired/stimulus";
import { headers, readProblem } from "../lib/api";
import { under } from "../lib/place";
import { clearProblems, showProblem, showSentence } from "../lib/problems";
import { word } from "../lib/words";

const PATIENCE_MS = 30_000;

/** A list in a file: the server says it as text, which is checked as if it had been pasted. */
export class ListFileController extends Controller<HTMLFormElement> {
  static override targets = ["file", "text"];
  static override values = { url: String };
  declare readonly fileTarget: HTMLInputElement;
  declare readonly textTarget: HTMLTextAreaElement;
  declare urlValue: string;

  override connect(): void {
    this.fileTarget.addEventListener("change", this.#chosen);
  }

  override disconnect(): void {
    this.fileTarget.removeEventListener("change", this.#chosen);
  }

  #chosen = async (): Promise<void> => {
    const file = this.fileTarget.files?.[0];
    this.fileTarget.value = "";
    if (file !== undefined) {
      clearProblems(this.element);
      await this.#read(file).catch(() => showSentence(this.element, word("network")));
    }
  };

  async #read(file: File): Promise<void> {
    const response = await fetch(under(this.urlValue), {
      method: "POST",
      headers: {
        ...headers(),
        Accept: "application/json",
        "Content-Type": "application/octet-stream",
      },
      body: file,
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    if (!response.ok) {
      showProblem(this.element, readProblem(response.status, text));
      return;
    }
    this.textTarget.value = String(JSON.parse(text).text);
    this.element.requestSubmit();
  }
}
