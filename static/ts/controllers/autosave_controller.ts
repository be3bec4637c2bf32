import { Controller } from "@hotwired/stimulus";
import { type Answer, send } from "../lib/api";
import { type KeepRequest, onKeepDrafts } from "../lib/drafts";
import { type Json, readForm } from "../lib/form_body";
import { clearProblems, showProblem } from "../lib/problems";
import { clock, word } from "../lib/words";

const PAUSE_MS = 1000;

/** What a person wrote, to be compared: the version that the server counts is none of it. */
function typedIn(body: { [key: string]: Json }): string {
  return JSON.stringify({ ...body, version: null });
}

/** Keeps a draft: a second after the last stroke, and at once when the page or the room is left. */
export class AutosaveController extends Controller<HTMLFormElement> {
  static override targets = ["state"];
  static override values = { url: String, method: { type: String, default: "PUT" } };
  declare readonly stateTargets: HTMLElement[];
  declare urlValue: string;
  declare methodValue: string;
  #timer: number | undefined;
  #saved = "";
  #saving = false;
  #stopped = false;
  #refused = false;
  #versions = new Set<number>();
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    onKeepDrafts(this.#listening.signal, (asked) => asked.waits.push(this.#keep(asked)));
    this.#saved = typedIn(this.#body());
    this.element.addEventListener("input", this.#stroke);
    this.element.addEventListener("change", this.#stroke);
    this.element.addEventListener("form:answered", this.#submitted);
    this.element.addEventListener("reset", this.#anew);
    window.addEventListener("pagehide", this.#leave);
  }

  override disconnect(): void {
    this.#listening.abort();
    window.clearTimeout(this.#timer);
    this.element.removeEventListener("input", this.#stroke);
    this.element.removeEventListener("change", this.#stroke);
    this.element.removeEventListener("form:answered", this.#submitted);
    this.element.removeEventListener("reset", this.#anew);
    window.removeEventListener("pagehide", this.#leave);
    void this.flush();
  }

  /** Passwords are typed for one act and are never kept in a draft. */
  #body(): { [key: string]: Json } {
    const body = readForm(this.element);
    for (const secret of this.element.querySelectorAll<HTMLInputElement>("input[type=password]")) {
      delete body[secret.name];
    }
    return body;
  }

  /** The form itself "changes" when a condition shows or hides a part of it: that is no stroke. */
  #stroke = (event: Event): void => {
    if (event.target !== this.element) {
      this.#wait();
    }
  };

  #wait = (): void => {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#save(), PAUSE_MS);
  };

  #leave = (): void => {
    if (!this.#stopped && typedIn(this.#body()) !== this.#saved) {
      void send(this.urlValue, { method: this.methodValue, body: this.#body(), keepalive: true });
    }
  };

  #submitted = (event: Event): void => {
    this.#stopped = event instanceof CustomEvent && event.detail.kind === "done";
  };

  /** A form that stays on the page after it was sent is emptied, and keeps what comes next. */
  #anew = (): void => {
    window.clearTimeout(this.#timer);
    queueMicrotask(() => {
      this.#saved = typedIn(this.#body());
      this.#stopped = false;
    });
  };

  /** Save now and say whether the server has what stands in the form. */
  async flush(): Promise<boolean> {
    await this.#settle();
    await this.#save();
    return typedIn(this.#body()) === this.#saved;
  }

  /** As a promise: no saving of this page is on its way. */
  async idle(): Promise<void> {
    while (this.#saving) {
      await new Promise((wait) => window.setTimeout(wait, 50));
    }
  }

  async #settle(): Promise<void> {
    window.clearTimeout(this.#timer);
    await this.idle();
  }

  async #keep({ source, newer }: KeepRequest): Promise<boolean> {
    let kept = true;
    if (source === this.element) {
      await this.#settle();
    } else {
      kept = await this.flush();
    }
    for (const earlier of this.#versions) {
      newer.set(earlier, Number(this.#version?.value));
    }
    return kept;
  }

  async #save(): Promise<void> {
    const body = this.#body();
    const text = typedIn(body);
    if (this.#stopped || this.#saving || text === this.#saved) {
      return;
    }
    this.#saving = true;
    const answer = await send(this.urlValue, { method: this.methodValue, body });
    this.#saving = false;
    this.#tell(answer, text);
    if (typedIn(this.#body()) !== text) {
      this.#wait();
    }
  }

  #tell(answer: Answer, text: string): void {
    if (answer.kind === "problem") {
      // changed elsewhere: the text stays here, and only a person can decide which one counts
      this.#stopped = answer.problem.status === 409;
      this.#refused = true;
      this.#takeVersion(answer.problem.version);
      showProblem(this.element, answer.problem, false);
      return;
    }
    if (answer.kind === "done") {
      this.#saved = text;
      this.#takeVersion(answer.data.version);
      this.#forgive();
    }
    for (const state of this.stateTargets) {
      const name = answer.kind === "done" ? "saved" : "notSaved";
      state.textContent = word(name, { time: clock(new Date()) });
    }
  }

  /** What an earlier saving could not keep is kept now. */
  #forgive(): void {
    if (this.#refused) {
      clearProblems(this.element);
      this.#refused = false;
    }
  }

  #takeVersion(version: unknown): void {
    const input = this.#version;
    if (input !== null && typeof version === "number") {
      this.#versions.add(Number(input.value));
      input.value = String(version);
    }
  }

  get #version(): HTMLInputElement | null {
    return this.element.querySelector<HTMLInputElement>("input[name=version]");
  }
}
