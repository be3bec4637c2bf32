import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { openDialog } from "../lib/dialogs";
import { noticePlace, showProblem, showSentence } from "../lib/problems";
import { word } from "../lib/words";
import type { AutosaveController } from "./autosave_controller";

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
    const isSign = event.code === "Enter" && event.ctrlKey && !event.isComposing;
    if (isSign && this.hasButtonTarget && document.querySelector("dialog[open]") === null) {
      event.preventDefault();
      void this.#ask();
    }
  };

  async #ask(): Promise<void> {
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

  async #saved(): Promise<boolean> {
    const form = document.getElementById("report-form");
    const keeper =
      form === null
        ? null
        : this.application.getControllerForElementAndIdentifier(form, "autosave");
    return keeper === null || (await (keeper as AutosaveController).flush());
  }

  async #show(): Promise<void> {
    const answer = await send(this.previewValue, { method: "GET" });
    const place = noticePlace(this.element);
    if (answer.kind === "problem") {
      showProblem(place, answer.problem);
    } else if (answer.kind === "unreachable") {
      showSentence(place, word("network"));
    } else {
      this.#fill(answer.data);
      openDialog(this.dialogValue);
    }
  }

  #fill(data: Record<string, unknown>): void {
    const dialog = document.getElementById(this.dialogValue);
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
    const shown = dialog?.querySelector<HTMLInputElement>("[name=shown_sha256]");
    if (shown) {
      shown.value = String(data.shown_sha256);
    }
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
