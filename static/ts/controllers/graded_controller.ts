import { Controller } from "@hotwired/stimulus";

interface Graded {
  grades: Record<string, string>;
  spans: Record<string, string>;
  text: string;
  unsaid: string;
  is_overridden: boolean;
}

/** Shows the grades that the server computes from the lesions; chooses nothing by itself. */
export class GradedController extends Controller<HTMLElement> {
  static override targets = ["grade", "computed", "reason", "line"];
  static override values = { unsaid: String, rule: String, none: String };
  declare readonly gradeTargets: HTMLSelectElement[];
  declare readonly computedTargets: HTMLElement[];
  declare readonly reasonTargets: HTMLElement[];
  declare readonly lineTargets: HTMLElement[];
  declare unsaidValue: string;
  declare ruleValue: string;
  declare noneValue: string;

  /** As an action: the server has computed. */
  show(event: CustomEvent<Record<string, Graded>>): void {
    const told = event.detail;
    for (const line of this.lineTargets) {
      line.hidden = Object.keys(told).length === 0;
    }
    for (const grade of this.gradeTargets) {
      this.#name(grade, told[grade.dataset.eyeOf ?? ""]);
    }
    for (const output of this.computedTargets) {
      this.#tell(output, told[output.dataset.eyeOf ?? ""]);
    }
    for (const reason of this.reasonTargets) {
      const isOverridden = told[reason.dataset.eyeOf ?? ""]?.is_overridden ?? false;
      reason.hidden = !isOverridden && reason.querySelector("textarea")?.value === "";
    }
  }

  /** What stands in the field while nothing is chosen: the grade by the rule, where there is one. */
  #name(grade: HTMLSelectElement, told: Graded | undefined): void {
    const words = told?.grades[grade.dataset.scale ?? ""];
    const blank = grade.options[0];
    if (blank !== undefined) {
      blank.textContent = words === undefined ? this.noneValue : `${words} · ${this.ruleValue}`;
    }
    grade.toggleAttribute("data-computed", words !== undefined);
  }

  #tell(output: HTMLElement, told: Graded | undefined): void {
    const text = document.createElement("b");
    text.textContent = told?.text || "—";
    const open = document.createElement("span");
    open.className = "meta rule-why";
    const span = told?.spans.icdr ?? "";
    open.textContent = [span, told?.unsaid ? `${this.unsaidValue}: ${told.unsaid}` : ""]
      .filter((part) => part !== "")
      .join(" · ");
    output.replaceChildren(text, open);
  }
}
