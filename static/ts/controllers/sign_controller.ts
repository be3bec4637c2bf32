import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { device, display } from "../lib/device";
import { openDialog } from "../lib/dialogs";
import { keepDrafts } from "../lib/drafts";
import { isFullScreen, leaveFullScreen } from "../lib/full_screen";
import { noticePlace, showProblem, showSentence } from "../lib/problems";
import { word } from "../lib/words";
import type { ReportCheckController } from "./report_check_controller";

interface Line {
  label: string;
  text: string;
}

/** Shows in words what is about to be signed, as the server has it, and asks how it is proved. */
export class SignController extends Controller<HTMLElement> {
  static override targets = ["button"];
  static override values = { preview: String, dialog: String };
  declare readonly buttonTarget: HTMLElement;
  declare readonly hasButtonTarget: boolean;
  declare previewValue: string;
  declare dialogValue: string;
  #asking = false;

  override connect(): void {
    this.element.addEventListener("click", this.#click);
    document.addEventListener("keydown", this.#key);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#click);
    document.removeEventListener("keydown", this.#key);
  }

  #click = (event: Event): void => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (this.hasButtonTarget && button === this.buttonTarget) {
      void this.#ask();
    }
  };

  #key = (event: KeyboardEvent): void => {
    const isSign = event.code === "Enter" && event.ctrlKey && !event.isComposing && !event.repeat;
    if (isSign && this.hasButtonTarget && document.querySelector("dialog[open]") === null) {
      event.preventDefault();
      void this.#ask();
    }
  };

  async #ask(): Promise<void> {
    if (isFullScreen()) {
      // nobody signs what she does not see: the report comes first
      await leaveFullScreen();
      return;
    }
    await this.#settled();
    if (!this.element.isConnected) {
      return;
    }
    if (this.buttonTarget.getAttribute("aria-disabled") === "true") {
      // why it is blocked stands beside it: the first link takes the focus
      this.element.querySelector<HTMLElement>(".sign-why a")?.focus();
      return;
    }
    if (this.#asking) {
      return;
    }
    this.#asking = true;
    if (await this.#saved()) {
      await this.#show();
    }
    this.#asking = false;
  }

  /** What was typed a moment ago is judged before anybody is told that it cannot be signed. */
  async #settled(): Promise<void> {
    const checker = this.application.getControllerForElementAndIdentifier(
      this.element,
      "report-check",
    );
    await (checker as ReportCheckController | null)?.settle();
  }

  /** The report and the marks are signed as they stand here: whoever keeps them sends them first. */
  async #saved(): Promise<boolean> {
    return (await keepDrafts(this.element)) !== null;
  }

  async #show(): Promise<void> {
    const screen = new URLSearchParams({ device: device(), display: display() });
    const answer = await send(`${this.previewValue}?${screen}`, { method: "GET" });
    if (!this.element.isConnected) {
      // another patient's room stands here by now, with a dialog of the same name
      return;
    }
    const place = noticePlace(this.element);
    if (answer.kind === "problem") {
      showProblem(place, answer.problem);
    } else if (answer.kind === "unreachable") {
      showSentence(place, word("network"));
    } else {
      this.#fill(answer.data);
      const dialog = openDialog(this.dialogValue);
      dialog?.addEventListener("keydown", refuseRepeat);
      if (String(answer.data.window ?? "") !== "") {
        dialog?.querySelector<HTMLElement>("button[type=submit].btn-main")?.focus();
      }
    }
  }

  #fill(data: Record<string, unknown>): void {
    const dialog = this.element.querySelector<HTMLElement>(`#${CSS.escape(this.dialogValue)}`);
    for (const [part, key] of [
      ["title", "title"],
      ["images", "images"],
      ["sentence", "sentence"],
      ["signature", "signature_line"],
      ["window", "window"],
    ] as const) {
      const element = dialog?.querySelector(`[data-sign-part=${part}]`);
      element?.replaceChildren(String(data[key] ?? ""));
    }
    const lines = data.lines as Line[];
    dialog?.querySelector("[data-sign-part=lines]")?.replaceChildren(...lines.flatMap(row));
    // in a signing window no password is asked; what is not asked is not sent either
    const isWindowed = String(data.window ?? "") !== "";
    choose(dialog, "alone", !isWindowed);
    choose(dialog, "windowed", isWindowed);
    const told = {
      shown_sha256: String(data.shown_sha256),
      device: device(),
      display: display(),
    };
    for (const [name, value] of Object.entries(told)) {
      const input = dialog?.querySelector<HTMLInputElement>(`[name=${name}]`);
      if (input) {
        input.value = value;
      }
    }
  }
}

/** A key that is still held from the step before signs nothing: each report is an act of its own. */
function refuseRepeat(event: KeyboardEvent): void {
  if (event.repeat && event.code === "Enter") {
    event.preventDefault();
    event.stopPropagation();
  }
}

function choose(dialog: HTMLElement | null, part: string, isIt: boolean): void {
  const set = dialog?.querySelector<HTMLFieldSetElement>(`[data-sign-part=${part}]`);
  if (set) {
    set.hidden = !isIt;
    set.disabled = !isIt;
  }
}

function row({ label, text }: Line): HTMLElement[] {
  const term = document.createElement("dt");
  const told = document.createElement("dd");
  term.textContent = label;
  told.textContent = text;
  return [term, told];
}
