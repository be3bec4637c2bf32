import { Controller } from "@hotwired/stimulus";
import { Filling, isSaidOtherwise } from "../lib/filling";
import type { ReportCheckController } from "./report_check_controller";

/** What the form says for the rule's outcome, by the names of its fields. */
type Proposed = Record<string, string>;

const NEED = "referral_need";

/**
 * Puts what follows from the rule into the form where nothing was said: when the button is pressed,
 * never by itself, and undone at will. Once something else follows it is taken back.
 */
export class RuledController extends Controller<HTMLFormElement> {
  static override targets = ["take", "undo", "kept", "gone"];
  declare readonly takeTarget: HTMLButtonElement;
  declare readonly hasTakeTarget: boolean;
  declare readonly undoTarget: HTMLElement;
  /** said where the form names another need for referral */
  declare readonly keptTarget: HTMLElement;
  /** said where what was put there was taken back */
  declare readonly goneTarget: HTMLElement;
  #filling: Filling | undefined;
  /** what was put there, as the server told it */
  #follows = "";
  #isAsked = false;

  override connect(): void {
    document.addEventListener("report-check:found", this.#found);
  }

  override disconnect(): void {
    document.removeEventListener("report-check:found", this.#found);
  }

  /** The server has found what follows, or that nothing does yet. */
  #found = (event: Event): void => {
    if (!this.hasTakeTarget) {
      // a form for pictures of no eye has no rule
      return;
    }
    const { proposed } = (event as CustomEvent<{ proposed: Proposed | null }>).detail;
    this.takeTarget.setAttribute("aria-disabled", String(proposed === null));
    if (proposed === null) {
      return;
    }
    if (this.#isAsked) {
      this.#isAsked = false;
      this.#fill(proposed);
    } else if (this.#filling !== undefined && JSON.stringify(proposed) !== this.#follows) {
      this.#takeBack();
      this.#say(this.goneTarget);
      this.#tell();
    }
  };

  /** As an action: by what the server finds in what stands in the form now. */
  async take(): Promise<void> {
    const room = this.element.closest<HTMLElement>("[data-controller~=report-check]");
    if (room === null || this.#isAsked) {
      return;
    }
    this.#isAsked = true;
    const checker = this.application.getControllerForElementAndIdentifier(room, "report-check");
    await (checker as ReportCheckController | null)?.again();
    this.#isAsked = false;
  }

  undo(): void {
    this.#takeBack();
    this.#say();
    this.#tell();
  }

  #fill(proposed: Proposed): void {
    this.#takeBack();
    if (isSaidOtherwise(this.element, NEED, proposed[NEED])) {
      this.#say(this.keptTarget);
      this.#tell();
      return;
    }
    const filling = new Filling(this.element);
    for (const [name, value] of Object.entries(proposed)) {
      if (value !== "") {
        filling.say(name, value);
      }
    }
    this.#filling = filling.isAny ? filling : undefined;
    this.#follows = JSON.stringify(proposed);
    this.#say(filling.isAny ? this.undoTarget : undefined);
    this.#tell();
  }

  #takeBack(): void {
    this.#filling?.undo();
    this.#filling = undefined;
  }

  #say(line?: HTMLElement): void {
    for (const each of [this.undoTarget, this.keptTarget, this.goneTarget]) {
      each.hidden = each !== line;
    }
  }

  /** Conditions look at the field that they hang on: the need for referral shows its urgency. */
  #tell(): void {
    const needs = [...this.element.querySelectorAll<HTMLElement>(`[name="${NEED}"]`)];
    const first = needs[0] ?? this.takeTarget;
    first.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
