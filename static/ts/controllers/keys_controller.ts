import { Controller } from "@hotwired/stimulus";
import { openDialog } from "../lib/dialogs";
import { isUnseen, leaveFullScreen } from "../lib/full_screen";

const TYPING = "input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]";

/** The keyboard of a list: ↑ ↓ choose, Enter opens, / finds, ? explains, letters press a button. */
export class KeysController extends Controller<HTMLElement> {
  static override targets = ["row", "find"];
  static override values = { help: String };
  declare readonly rowTargets: HTMLElement[];
  declare readonly findTarget: HTMLElement;
  declare readonly hasFindTarget: boolean;
  declare helpValue: string;

  override connect(): void {
    document.addEventListener("keydown", this.#key);
    this.element.addEventListener("focusin", this.#mark);
  }

  override disconnect(): void {
    document.removeEventListener("keydown", this.#key);
    this.element.removeEventListener("focusin", this.#mark);
  }

  #key = (event: KeyboardEvent): void => {
    if (this.#isForAnother(event)) {
      return;
    }
    const done = this.#press(event);
    if (done) {
      event.preventDefault();
    }
  };

  /** A text field, a dialog, an input method and the browser's own keys come first. */
  #isForAnother(event: KeyboardEvent): boolean {
    const target = event.target instanceof Element ? event.target : null;
    return (
      event.isComposing ||
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      target?.closest(TYPING) != null ||
      document.querySelector("dialog[open]") !== null
    );
  }

  #press(event: KeyboardEvent): boolean {
    switch (event.code) {
      case "ArrowDown":
        return this.#move(1);
      case "ArrowUp":
        return this.#move(-1);
      case "Enter":
        return event.target === document.body && this.#open();
      case "Slash":
        return event.shiftKey ? this.#explain() : this.#find();
      default:
        return this.#shortcut(event.code);
    }
  }

  #chosen(): HTMLElement | undefined {
    const rows = this.rowTargets;
    return (
      rows.find((row) => row.contains(document.activeElement)) ??
      rows.find((row) => row.classList.contains("is-on"))
    );
  }

  #move(step: number): boolean {
    const rows = this.rowTargets;
    const chosen = this.#chosen();
    const at = chosen === undefined ? (step > 0 ? -1 : rows.length) : rows.indexOf(chosen);
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    const link = next?.querySelector<HTMLElement>("a.row-link, a[href], button");
    link?.focus();
    next?.scrollIntoView?.({ block: "nearest" });
    return next !== undefined;
  }

  #open(): boolean {
    const link = this.#chosen()?.querySelector<HTMLElement>("a.row-link, a[href]");
    link?.click();
    return link != null;
  }

  #find(): boolean {
    if (this.hasFindTarget) {
      this.findTarget.focus();
    }
    return this.hasFindTarget;
  }

  #explain(): boolean {
    return this.helpValue !== "" && openDialog(this.helpValue) !== null;
  }

  #shortcut(code: string): boolean {
    const wanted = `[data-shortcut="${CSS.escape(code)}"]`;
    const button =
      this.#chosen()?.querySelector<HTMLElement>(wanted) ??
      this.element.querySelector<HTMLElement>(`${wanted}:not([data-keys-target="row"] *)`);
    if (button != null && isUnseen(button)) {
      void leaveFullScreen();
    } else {
      button?.click();
    }
    return button != null;
  }

  #mark = (): void => {
    const chosen = this.rowTargets.find((row) => row.contains(document.activeElement));
    for (const row of this.rowTargets) {
      row.classList.toggle("is-on", row === chosen);
    }
  };
}
