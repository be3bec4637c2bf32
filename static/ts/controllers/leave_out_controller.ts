import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { openDialog } from "../lib/dialogs";
import { noticePlace, showProblem } from "../lib/problems";

/** The current picture is left out of the report with a reason, or counts again (U7). */
export class LeaveOutController extends Controller<HTMLElement> {
  static override targets = ["leave", "use", "form", "named"];
  static override values = { url: String, dialog: String };
  declare readonly leaveTarget: HTMLElement;
  declare readonly useTarget: HTMLElement;
  declare readonly formTarget: HTMLFormElement;
  declare readonly namedTarget: HTMLElement;
  declare urlValue: string;
  declare dialogValue: string;
  #film: HTMLElement | undefined;

  override connect(): void {
    this.#film = this.element.querySelector<HTMLElement>(".film[aria-current=true]") ?? undefined;
    this.#show();
  }

  chosen(event: CustomEvent<{ film: HTMLElement | undefined }>): void {
    this.#film = event.detail.film;
    this.#show();
  }

  ask(): void {
    if (this.#film !== undefined) {
      this.formTarget.dataset.formUrlValue = this.#url();
      this.namedTarget.textContent = this.#film.querySelector(".film-cap")?.textContent ?? "";
      openDialog(this.dialogValue);
    }
  }

  left(): void {
    this.#film?.setAttribute("data-out", "");
    this.formTarget.closest("dialog")?.close();
    this.formTarget.reset();
    this.#changed();
  }

  async use(): Promise<void> {
    const answer = await send(this.#url(), { body: { reason: "" } });
    if (answer.kind === "problem") {
      showProblem(noticePlace(this.element), answer.problem);
    } else if (answer.kind === "done") {
      this.#film?.removeAttribute("data-out");
      this.#changed();
    }
  }

  #url(): string {
    return this.urlValue.replace("{id}", this.#film?.dataset.film ?? "");
  }

  #changed(): void {
    this.#show();
    this.dispatch("changed");
  }

  #show(): void {
    const isOut = this.#film?.hasAttribute("data-out") ?? false;
    this.leaveTarget.hidden = isOut || this.#film === undefined;
    this.useTarget.hidden = !isOut;
  }
}
