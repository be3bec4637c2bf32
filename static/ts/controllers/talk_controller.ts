import { Controller } from "@hotwired/stimulus";

const KEY_BYTES = 16;

/** A key by which the server knows a message that comes twice; plain HTTP has no randomUUID. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The form of a discussion: whether it begins a thread, replies in one, or amends a message. */
export class TalkController extends Controller<HTMLElement> {
  static override targets = ["form", "about", "label", "text", "send"];
  declare readonly formTarget: HTMLFormElement;
  declare readonly hasFormTarget: boolean;
  declare readonly aboutTarget: HTMLElement;
  declare readonly labelTarget: HTMLElement;
  declare readonly textTarget: HTMLTextAreaElement;
  declare readonly sendTargets: HTMLButtonElement[];
  #about: HTMLElement | null = null;

  override connect(): void {
    this.element.addEventListener("keydown", this.#key);
    this.element.addEventListener("live:drawn", this.#draw);
    this.#restore();
  }

  override disconnect(): void {
    this.element.removeEventListener("keydown", this.#key);
    this.element.removeEventListener("live:drawn", this.#draw);
  }

  /** As an action of a message's button: the form replies in its thread, or amends it. */
  turn(event: Event): void {
    const button = event.currentTarget;
    if (!(button instanceof HTMLElement)) {
      return;
    }
    if (button.dataset.amends !== undefined && this.textTarget.value.trim() === "") {
      const said = button.closest(".talk-msg")?.querySelector(".talk-text");
      this.textTarget.value = said?.textContent ?? "";
    }
    this.#turn(button);
  }

  /** The form begins a thread of its own again. */
  begin(): void {
    this.#turn(null);
  }

  /** The panel opens, and the form waits for words. */
  enter(): void {
    if (this.element instanceof HTMLDetailsElement) {
      this.element.open = true;
    }
    if (this.hasFormTarget) {
      this.textTarget.focus();
    }
  }

  /** Before the form is sent: the same message keeps its key, however often it is sent. */
  name(): void {
    this.#input("key").value ||= newKey();
  }

  /** The message is there: the form is empty, and another one begins. */
  sent(): void {
    for (const control of this.formTarget.elements) {
      if (control instanceof HTMLTextAreaElement) {
        control.defaultValue = "";
      } else if (control instanceof HTMLInputElement && control.type === "checkbox") {
        control.defaultChecked = false;
      }
    }
    this.#input("key").value = "";
    this.#about = null;
    this.#draw();
    this.formTarget.reset();
  }

  #turn(button: HTMLElement | null): void {
    this.#about = button;
    this.#draw();
    this.textTarget.focus();
    this.textTarget.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** What the kept draft was about. */
  #restore(): void {
    if (this.hasFormTarget) {
      const [amends, thread] = [this.#input("amends_id").value, this.#input("thread_id").value];
      this.#about =
        this.element.querySelector<HTMLElement>(`[data-amends="${amends}"]`) ??
        this.element.querySelector<HTMLElement>(`[data-thread="${thread}"]`);
      this.#draw();
    }
  }

  #draw = (): void => {
    if (!this.hasFormTarget) {
      return;
    }
    const { thread, amends, asks, number } = this.#about?.dataset ?? {};
    this.#input("thread_id").value = thread ?? "";
    this.#input("amends_id").value = amends ?? "";
    this.aboutTarget.hidden = this.#about === null;
    const { reply, amend } = this.labelTarget.dataset;
    const label = (amends === undefined ? reply : amend) ?? "";
    this.labelTarget.textContent = label.replace("{n}", number ?? "");
    const [main, other] = modes({ thread, amends, asks });
    for (const button of this.sendTargets) {
      button.classList.toggle("btn-main", button.dataset.mode === main);
      button.hidden = ![main, other].includes(button.dataset.mode ?? "");
    }
  };

  /** Ctrl+Enter in here sends the message, and signs nothing. */
  #key = (event: KeyboardEvent): void => {
    if (event.code === "Enter" && event.ctrlKey) {
      event.stopPropagation();
    }
  };

  #input(name: string): HTMLInputElement {
    return this.formTarget.elements.namedItem(name) as HTMLInputElement;
  }
}

/** As what a message may be sent, the likelier first. */
function modes(about: { [name: string]: string | undefined }): [string, string?] {
  if (about.amends !== undefined) {
    return ["amend"];
  }
  if (about.thread === undefined) {
    return ["question", "remark"];
  }
  return about.asks === "true" ? ["answer", "remark"] : ["remark", "question"];
}
