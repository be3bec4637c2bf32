import { Controller } from "@hotwired/stimulus";

const MARKS: Record<string, string> = {
  Equal: "present",
  NumpadAdd: "present",
  Minus: "absent",
  NumpadSubtract: "absent",
  Backspace: "",
  Delete: "",
};

/** Lesions per eye: seen, not seen, or nothing said; by hand or by single keys. */
export class LesionsController extends Controller<HTMLFormElement> {
  static override targets = ["box", "table", "said"];
  declare readonly boxTarget: HTMLDetailsElement;
  declare readonly hasTableTarget: boolean;
  declare readonly tableTarget: HTMLElement;
  declare readonly saidTargets: HTMLInputElement[];
  #held: HTMLInputElement | null = null;

  override connect(): void {
    if (this.hasTableTarget) {
      this.tableTarget.addEventListener("pointerdown", this.#hold);
      this.tableTarget.addEventListener("click", this.#again);
      this.tableTarget.addEventListener("keydown", this.#key);
    }
  }

  override disconnect(): void {
    if (this.hasTableTarget) {
      this.tableTarget.removeEventListener("pointerdown", this.#hold);
      this.tableTarget.removeEventListener("click", this.#again);
      this.tableTarget.removeEventListener("keydown", this.#key);
    }
  }

  /** As an action: open the table and go to the first lesion of the current eye. */
  enter(): void {
    this.boxTarget.open = true;
    const eye = this.element.closest<HTMLElement>("[data-eye]")?.dataset.eye ?? "right";
    this.saidTargets.find((radio) => radio.dataset.eyeOf === eye)?.focus();
  }

  #hold = (event: Event): void => {
    const radio = this.#radioAt(event);
    this.#held = radio?.checked ? radio : null;
  };

  /** A second press on what was said takes it back: then nothing is said. */
  #again = (event: Event): void => {
    const radio = this.#radioAt(event);
    if (radio !== null && radio === this.#held && event.target === radio) {
      radio.checked = false;
      this.#held = null;
      this.#tell();
    }
  };

  #radioAt(event: Event): HTMLInputElement | null {
    const label = event.target instanceof Element ? event.target.closest("label") : null;
    return label?.querySelector<HTMLInputElement>("input[type=radio]") ?? null;
  }

  /** Single keys inside the table alone: ↑ ↓ move, + seen, − not seen, Backspace nothing said. */
  #key = (event: KeyboardEvent): void => {
    const at = event.target;
    const isRadio = at instanceof HTMLInputElement && at.type === "radio";
    if (!isRadio || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const mark = MARKS[event.code];
    if (event.code === "ArrowDown" || event.code === "ArrowUp") {
      this.#move(at, event.code === "ArrowDown" ? 1 : -1);
    } else if (mark !== undefined) {
      this.#mark(at, mark);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  #move(at: HTMLInputElement, step: number): void {
    const rows = [...new Set(this.saidTargets.filter(sameEye(at)).map((radio) => radio.name))];
    const name = rows[rows.indexOf(at.name) + step];
    const next = this.saidTargets.filter((radio) => radio.name === name);
    (next.find((radio) => radio.checked) ?? next[0])?.focus();
  }

  #mark(at: HTMLInputElement, mark: string): void {
    for (const radio of this.saidTargets.filter((one) => one.name === at.name)) {
      radio.checked = radio.value === mark;
    }
    this.#tell();
  }

  #tell(): void {
    this.tableTarget.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function sameEye(at: HTMLInputElement): (radio: HTMLInputElement) => boolean {
  return (radio) => radio.dataset.eyeOf === at.dataset.eyeOf;
}
