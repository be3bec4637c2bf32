import { Controller } from "@hotwired/stimulus";
import { type Answer, send } from "../lib/api";
import { busy } from "../lib/busy";
import { keepDrafts } from "../lib/drafts";
import { readForm } from "../lib/form_body";
import { isLocked, onLocked, tellCovered, tellUnlocked } from "../lib/lock";
import { account, reload } from "../lib/place";
import { clearProblems, showProblem, showSentence } from "../lib/problems";
import { word } from "../lib/words";

const LOOK_MS = 1000;
const TELL_PAGES_MS = 2000;
const TELL_SERVER_MS = 60_000;
// a page that is left sooner was not worked at
const FIRST_TOLD_MS = 10_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

type Said = { say: "here"; at: number } | { say: "lock" } | { say: "unlock"; token: string };

/** Covers the page when nobody has touched any page of this browser for a while (U18). */
export class LockController extends Controller<HTMLDialogElement> {
  static override targets = ["form", "code"];
  static override values = { after: Number, page: Boolean };
  declare readonly formTarget: HTMLFormElement;
  declare readonly codeTarget: HTMLElement;
  declare afterValue: number;
  declare pageValue: boolean;
  #last = Date.now();
  #toldPages = 0;
  #toldServer = Date.now() - TELL_SERVER_MS + FIRST_TOLD_MS;
  #title = "";
  #sending = false;
  #pages: BroadcastChannel | undefined;
  #timer: number | undefined;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    for (const sign of SIGNS) {
      window.addEventListener(sign, this.#touched, { capture: true, passive: true, signal });
    }
    document.addEventListener("visibilitychange", this.#look, { signal });
    onLocked(signal, () => this.#cover());
    this.element.addEventListener("cancel", (event) => event.preventDefault(), { signal });
    this.element.addEventListener("close", this.#again, { signal });
    this.element.addEventListener("keydown", this.#key, { signal });
    this.formTarget.addEventListener("submit", this.#submit, { signal });
    this.#pages = new BroadcastChannel(`lock ${account()}`);
    this.#pages.addEventListener("message", this.#hear, { signal });
    this.#timer = window.setInterval(this.#look, LOOK_MS);
    if (isLocked()) {
      // the lock fell while this page was on its way: it covers the next room as well
      this.#hide();
    } else if (this.pageValue) {
      this.#cover();
    } else {
      this.#touched();
    }
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#pages?.close();
    window.clearInterval(this.#timer);
  }

  /** No key that is typed here works the page below, and none closes the dialog. */
  #key = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.code === "Escape") {
      event.preventDefault();
    }
  };

  #touched = (): void => {
    const now = Date.now();
    if (isLocked() || this.#isOver(now)) {
      return;
    }
    this.#last = now;
    if (now - this.#toldPages > TELL_PAGES_MS) {
      this.#toldPages = now;
      this.#tell({ say: "here", at: now });
    }
    if (now - this.#toldServer > TELL_SERVER_MS) {
      this.#toldServer = now;
      void send("/api/session/here", { body: {} });
    }
  };

  #isOver(now: number): boolean {
    return now - this.#last >= this.afterValue * 1000;
  }

  /** By the clock on the wall: a computer that slept has been idle as well. */
  #look = (): void => {
    if (!isLocked() && this.#isOver(Date.now())) {
      void this.#lock();
    }
  };

  async #lock(): Promise<void> {
    this.#cover();
    this.#tell({ say: "lock" });
    await keepDrafts(this.element);
    await send("/api/session/lock", { body: {} });
  }

  #tell(said: Said): void {
    this.#pages?.postMessage(said);
  }

  #hear = ({ data }: MessageEvent<Said>): void => {
    if (data.say === "here") {
      this.#last = Math.max(this.#last, data.at);
    } else if (data.say === "lock") {
      void keepDrafts(this.element);
      this.#cover();
    } else {
      this.#uncover(data.token);
    }
  };

  #cover(): void {
    if (isLocked()) {
      return;
    }
    document.documentElement.classList.add("is-locked");
    this.#hide();
    tellCovered();
  }

  /** The title names a case or a patient, and the dialog is this page's own. */
  #hide(): void {
    this.#title = document.title;
    document.title = this.element.querySelector("h2")?.textContent ?? "";
    this.#again();
  }

  #again = (): void => {
    if (isLocked() && this.element.isConnected && !this.element.open) {
      this.element.showModal();
    }
  };

  #uncover(token: string): void {
    document.querySelector('meta[name="csrf-token"]')?.setAttribute("content", token);
    if (!isLocked()) {
      return;
    }
    this.#last = Date.now();
    document.documentElement.classList.remove("is-locked");
    document.title = this.#title;
    this.formTarget.reset();
    this.element.close();
    tellUnlocked();
    if (this.pageValue) {
      reload();
    }
  }

  #submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.#sending) {
      return;
    }
    this.#sending = true;
    const release = busy(event.submitter);
    clearProblems(this.formTarget);
    const body = readForm(this.formTarget, event.submitter);
    const answer = await send("/api/session/unlock", { body });
    release();
    this.#sending = false;
    this.#take(answer);
  };

  #take(answer: Answer): void {
    if (answer.kind === "unreachable") {
      showSentence(this.formTarget, word("network"));
    } else if (answer.kind === "problem") {
      if (answer.problem.errors.some(({ field }) => field === "code")) {
        this.codeTarget.hidden = false;
      }
      showProblem(this.formTarget, answer.problem);
    } else {
      const token = String(answer.data.csrf_token ?? "");
      this.#tell({ say: "unlock", token });
      this.#uncover(token);
    }
  }
}
