import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { readForm } from "../lib/form_body";
import { isUnseen, leaveFullScreen } from "../lib/full_screen";

const PAUSE_MS = 400;
const NAMED = 3;

interface Problem {
  field: string;
  code: string;
  label: string;
  sentence: string;
  anchor: string;
}

interface Outcome {
  text: string;
  why: string;
  rule: string;
}

/** Asks the server what the rule finds and what still keeps the report from being signed. */
export class ReportCheckController extends Controller<HTMLElement> {
  static override targets = ["form", "outcome", "why", "list", "sign", "override"];
  static override values = { url: String };
  declare readonly formTarget: HTMLFormElement;
  declare readonly hasFormTarget: boolean;
  declare readonly outcomeTarget: HTMLElement;
  declare readonly hasOutcomeTarget: boolean;
  declare readonly whyTarget: HTMLElement;
  declare readonly listTarget: HTMLElement;
  declare readonly signTarget: HTMLElement;
  declare readonly overrideTarget: HTMLElement;
  declare urlValue: string;
  #timer: number | undefined;
  #checking: Promise<void> | undefined;
  #asked = 0;
  #waiting: Node[] = [];

  override connect(): void {
    if (!this.hasFormTarget) {
      return;
    }
    this.#waiting = this.hasOutcomeTarget ? [...this.outcomeTarget.childNodes] : [];
    this.element.addEventListener("input", this.#soon);
    this.element.addEventListener("change", this.#soon);
    this.element.addEventListener("room:changed", this.#soon);
    this.element.addEventListener("leave-out:changed", this.#soon);
    this.#begin();
  }

  override disconnect(): void {
    window.clearTimeout(this.#timer);
    this.element.removeEventListener("input", this.#soon);
    this.element.removeEventListener("change", this.#soon);
    this.element.removeEventListener("room:changed", this.#soon);
    this.element.removeEventListener("leave-out:changed", this.#soon);
  }

  #soon = (): void => {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#begin(), PAUSE_MS);
  };

  /** As a promise: what stands in the form now was judged. */
  async settle(): Promise<void> {
    let known: Promise<void> | undefined;
    do {
      if (this.#timer !== undefined) {
        this.#begin();
      }
      known = this.#checking;
      await known;
      // what the answer put into the form is judged as well
    } while (this.#timer !== undefined || known !== this.#checking);
  }

  /** As a promise: the server was asked anew, and what came of it was judged. */
  async again(): Promise<void> {
    this.#begin();
    await this.settle();
  }

  #begin(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#checking = this.#check();
  }

  async #check(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const answer = await send(this.urlValue, { body: readForm(this.formTarget) });
    // an older answer says nothing about what stands here now
    if (answer.kind !== "done" || asked !== this.#asked) {
      return;
    }
    this.#showOutcome(answer.data.outcome as Outcome | null);
    this.#showProblems(answer.data.problems as Problem[]);
    this.dispatch("graded", { detail: answer.data.graded ?? {} });
    this.dispatch("found", { detail: { proposed: answer.data.proposed ?? null } });
  }

  #showOutcome(outcome: Outcome | null): void {
    if (!this.hasOutcomeTarget) {
      return;
    }
    if (outcome === null) {
      this.outcomeTarget.replaceChildren(...this.#waiting);
      return;
    }
    const text = document.createElement("b");
    text.textContent = outcome.text;
    const why = document.createElement("span");
    why.className = "meta rule-why";
    why.textContent = `${outcome.why} · ${outcome.rule}`;
    this.outcomeTarget.replaceChildren(text, why);
  }

  #showProblems(problems: Problem[]): void {
    const isFree = problems.length === 0;
    this.signTarget.setAttribute("aria-disabled", String(!isFree));
    this.whyTarget.hidden = isFree;
    const links = problems.slice(0, NAMED).map(({ anchor, label, sentence }) => {
      const link = document.createElement("a");
      link.href = `#${anchor}`;
      link.textContent = label;
      link.title = sentence;
      link.addEventListener("click", (event) => void this.#go(event, anchor));
      return link;
    });
    const parts = links.flatMap((link, at) => (at === 0 ? [link] : [" · ", link]));
    const more = problems.length - links.length;
    this.listTarget.replaceChildren(...parts, more > 0 ? ` · +${more}` : "");
    const below = problems.some(({ code }) => code === "referral-below-rule");
    this.overrideTarget.hidden = !below && !this.overrideTarget.querySelector("textarea")?.value;
  }

  /** The field itself takes the focus; a picture is opened. */
  async #go(event: Event, anchor: string): Promise<void> {
    event.preventDefault();
    const place = document.getElementById(anchor) ?? this.#named(anchor);
    if (place !== null && isUnseen(place)) {
      await leaveFullScreen();
    }
    place?.scrollIntoView({ block: "center" });
    if (place instanceof HTMLButtonElement) {
      place.click();
    }
    const control = place?.matches("input, select, textarea, button")
      ? place
      : place?.querySelector<HTMLElement>("input, select, textarea");
    control?.focus();
  }

  #named(anchor: string): HTMLElement | null {
    const name = anchor.replace(/^f-/, "");
    return this.formTarget.querySelector<HTMLElement>(`[name="${CSS.escape(name)}"]`);
  }
}
