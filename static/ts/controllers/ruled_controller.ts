import { Controller } from "@hotwired/stimulus";
import { Filling } from "../lib/filling";
import type { ReportCheckController } from "./report_check_controller";

/** What the form says for the rule's outcome, by the names of its fields. */
type Proposed = Record<string, string>;

/**
 * Puts what follows from the rule into the form where nothing was said: when the button is pressed,
 * never by itself, and undone at will.
 */
export class RuledController extends Controller<HTMLFormElement> {
  static override targets = ["take", "undo"];
  declare readonly takeTarget: HTMLButtonElement;
  declare readonly hasTakeTarget: boolean;
  declare readonly undoTarget: HTMLElement;
  #filling: Filling | undefined;
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
    if (this.#isAsked && proposed !== null) {
      this.#isAsked = false;
      this.#fill(proposed);
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
    this.#filling?.undo();
    this.undoTarget.hidden = true;
    this.#tell();
  }

  #fill(proposed: Proposed): void {
    const filling = new Filling(this.element);
    this.#filling = filling;
    for (const [name, value] of Object.entries(proposed)) {
      if (value !== "") {
        filling.say(name, value);
      }
    }
    this.undoTarget.hidden = false;
    this.#tell();
  }

  /** Conditions look at the field that they hang on: the need for referral shows its urgency. */
  #tell(): void {
    const needs = [...this.element.querySelectorAll<HTMLElement>('[name="referral_need"]')];
    const first = needs[0] ?? this.takeTarget;
    first.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
