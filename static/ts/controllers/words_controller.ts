import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";
import { word } from "../lib/words";
import { Asking } from "../rooms/asking";

const ASKS_MS = 3000;

interface Said {
  id: string;
  name: string;
  name_en: string;
  said_at: string;
  text: string;
}

/** What is written in a call: asked for while the call lasts, for a guest hears no news of a case. */
export class WordsController extends Controller<HTMLElement> {
  static override values = { url: String, case: String };
  static override targets = ["list", "line", "text", "problem"];
  declare urlValue: string;
  declare caseValue: string;
  declare readonly listTarget: HTMLElement;
  declare readonly lineTarget: HTMLTemplateElement;
  declare readonly textTarget: HTMLInputElement;
  declare readonly problemTarget: HTMLElement;
  #listening = new AbortController();
  readonly #asking = new Asking(() => this.#look(), ASKS_MS);

  override connect(): void {
    this.#listening = new AbortController();
    listen(this.#listening.signal, {
      entry: ({ kind, case_id }) => {
        if (kind === "room.said" && case_id === this.caseValue) {
          void this.#asking.now();
        }
      },
    });
    this.#asking.begin();
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#asking.end();
  }

  async say(event: Event): Promise<void> {
    event.preventDefault();
    const text = this.textTarget.value.trim();
    if (text === "") {
      return;
    }
    const answer = await send(this.urlValue, { body: { text } });
    this.problemTarget.hidden = answer.kind === "done";
    if (answer.kind === "done") {
      this.textTarget.value = "";
      await this.#asking.now();
    } else {
      this.problemTarget.textContent =
        answer.kind === "problem" ? answer.problem.detail : word("network");
    }
  }

  async #look(): Promise<void> {
    if (this.element.closest<HTMLElement>(".call")?.dataset.now !== "call") {
      return;
    }
    const answer = await send(this.urlValue, { method: "GET" });
    if (answer.kind !== "done") {
      return;
    }
    const words = answer.data.words as Said[];
    this.element.hidden = this.caseValue !== "" && words.length === 0 && !answer.data.has_guests;
    const known = [...this.listTarget.children].map((each) => (each as HTMLElement).dataset.id);
    const fresh = words.filter(({ id }) => !known.includes(id));
    this.listTarget.append(...fresh.map((each) => this.#row(each)));
    if (fresh.length > 0) {
      this.listTarget.scrollTop = this.listTarget.scrollHeight;
    }
  }

  #row({ id, name, name_en, said_at, text }: Said): HTMLElement {
    const row = this.lineTarget.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const language = document.documentElement.lang;
    const at = new Date(said_at).toLocaleTimeString(language, {
      hour: "2-digit",
      minute: "2-digit",
    });
    const parts: Record<string, string> = {
      name: language === "en" ? name_en || name : name,
      at,
      text,
    };
    row.dataset.id = id;
    for (const each of row.querySelectorAll<HTMLElement>("[data-part]")) {
      each.textContent = parts[each.dataset.part ?? ""] ?? "";
    }
    return row;
  }
}
