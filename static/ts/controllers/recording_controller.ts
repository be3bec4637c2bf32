import { Controller } from "@hotwired/stimulus";
import { type Answer, send } from "../lib/api";
import { concerns } from "../lib/entry";
import { listen } from "../lib/events";
import { serverNow } from "../lib/now";
import { clockText } from "../playback/timeline";
import { Asking } from "../rooms/asking";
import { lookOf, type RecordingFacts } from "../rooms/recording";

const ASKS_MS = 5000;
const TICKS_MS = 500;

/** The recording of a call: what is said of it, the question, and the buttons. */
export class RecordingController extends Controller<HTMLElement> {
  static override targets = ["clock", "ask"];
  static override values = { url: String, case: String };
  declare readonly clockTarget: HTMLElement;
  declare readonly askTarget: HTMLElement;
  declare urlValue: string;
  declare caseValue: string;
  #listening = new AbortController();
  readonly #asking = new Asking(() => this.#refresh(), ASKS_MS);
  #facts: RecordingFacts | undefined;
  #heard = "";
  #problem = "";

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener("room:told", this.#told, { signal });
    listen(signal, {
      entry: ({ kind, case_id }) => {
        if (case_id === this.caseValue && concerns("room.*", kind)) {
          void this.#asking.now();
        }
      },
      reset: () => void this.#asking.now(),
    });
    this.#asking.begin();
    const ticking = window.setInterval(() => this.#tick(), TICKS_MS);
    signal.addEventListener("abort", () => {
      this.#asking.end();
      window.clearInterval(ticking);
    });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  step({ currentTarget }: Event): void {
    const word = (currentTarget as HTMLElement).dataset.step ?? "";
    void this.#send(word === "" ? "" : `/${word}`, {});
  }

  agree(): void {
    void this.#send("/answer", { agreed: true });
  }

  refuse(): void {
    void this.#send("/answer", { agreed: false });
  }

  /** The question, with both answers in sight; whoever refused reads it once more. */
  reconsider(): void {
    this.askTarget.hidden = false;
    this.askTarget.focus({ preventScroll: true });
    this.askTarget.scrollIntoView({ block: "end" });
  }

  /** What the room itself tells on the line: it comes before the first packet is taken. */
  #told = (event: Event): void => {
    const told = (event as CustomEvent<Record<string, unknown>>).detail;
    const about = told.told === "welcome" ? told.recording : told;
    if (told.told === "welcome" || told.told === "recording") {
      this.#heard = String((about as { state?: unknown } | undefined)?.state ?? "");
      void this.#asking.now();
      this.#show();
    }
  };

  async #send(path: string, body: unknown): Promise<void> {
    const answer = await send(`${this.urlValue}${path}`, { body });
    this.#problem = answer.kind === "problem" ? answer.problem.detail : "";
    this.#take(answer);
    if (answer.kind !== "done") {
      await this.#asking.now();
    }
  }

  async #refresh(): Promise<void> {
    const isInCall = this.element.closest<HTMLElement>("[data-phase]")?.hidden === false;
    if (this.#heard !== "" && isInCall) {
      this.#take(await send(this.urlValue, { method: "GET" }));
    }
  }

  #take(answer: Answer): void {
    if (answer.kind === "done" && this.element.isConnected) {
      this.#facts = answer.data as unknown as RecordingFacts;
    }
    this.#show();
  }

  #show(): void {
    if (this.#facts === undefined) {
      return;
    }
    const look = lookOf(this.#facts, this.#heard);
    this.element.dataset.state = this.#heard === "on" ? "on" : this.#facts.state;
    const says = this.#problem === "" ? look.says : "problem";
    this.#pick("says", (code) => code === says);
    this.#pick("shown", (word) => look.steps.includes(word));
    this.#pick("own", (own) => own === look.own);
    const isEnglish = document.documentElement.lang === "en";
    const names = this.#facts.awaited.map(({ name, name_en }) => (isEnglish && name_en) || name);
    this.#fill("awaited", names.join(isEnglish ? ", " : "、"));
    this.#fill("problem", this.#problem);
    this.#ask(look.asks);
    this.#tick();
  }

  /** The question stands there until it is answered; whoever has answered may have asked for it. */
  #ask(isAsked: boolean): void {
    const isAnswered = this.#facts?.own !== "refused" || isAsked;
    if (isAsked && this.askTarget.hidden) {
      this.reconsider();
    } else if (!isAsked && isAnswered) {
      this.askTarget.hidden = true;
    }
  }

  #tick(): void {
    const began = this.#facts?.began_at;
    if (began) {
      this.clockTarget.textContent = clockText(serverNow() - Date.parse(began));
    }
  }

  #pick(name: string, isShown: (code: string) => boolean): void {
    for (const each of this.element.querySelectorAll<HTMLElement>(`[data-${name}]`)) {
      each.hidden = !isShown(each.dataset[name] ?? "");
    }
  }

  #fill(name: string, text: string): void {
    for (const each of this.element.querySelectorAll(`[data-fill="${name}"]`)) {
      each.textContent = text;
    }
  }
}
