import { Controller } from "@hotwired/stimulus";

const EYES = ["right", "left"];
const CLEAN: Record<string, string> = {
  eye_status: "present",
  quality: "good",
  icdr: "0",
  dme: "none",
};
type Field = HTMLSelectElement | HTMLTextAreaElement;

/** Both eyes without an apparent abnormality: filled in where everybody sees it, and undone at will. */
export class NormalController extends Controller<HTMLFormElement> {
  static override targets = ["undo"];
  static override values = { finding: String };
  declare readonly undoTarget: HTMLElement;
  declare findingValue: string;
  #before = new Map<Field, string>();
  #causes: HTMLInputElement[] = [];

  both(): void {
    this.#before = new Map();
    this.#causes = [];
    for (const eye of EYES.filter((one) => this.#field(one, "eye_status")?.value !== "absent")) {
      this.#fill(eye);
    }
    this.undoTarget.hidden = false;
    this.#tell();
  }

  undo(): void {
    for (const [field, value] of this.#before) {
      field.value = value;
    }
    for (const cause of this.#causes) {
      cause.checked = true;
    }
    this.undoTarget.hidden = true;
    this.#tell();
  }

  #fill(eye: string): void {
    for (const [name, value] of Object.entries(CLEAN)) {
      const field = this.#field(eye, name);
      const isBlind = name === "eye_status" && field?.value === "nlp";
      if (field !== null && !isBlind) {
        this.#set(field, value);
      }
    }
    const findings = this.#field(eye, "findings");
    if (findings !== null && findings.value.trim() === "") {
      this.#set(findings, this.findingValue);
    }
    const ticked = `input[name="${eye}.causes"]:checked`;
    for (const cause of this.element.querySelectorAll<HTMLInputElement>(ticked)) {
      this.#causes.push(cause);
      cause.checked = false;
    }
  }

  #set(field: Field, value: string): void {
    this.#before.set(field, field.value);
    field.value = value;
  }

  #field(eye: string, name: string): Field | null {
    return this.element.querySelector<Field>(`[name="${eye}.${name}"]`);
  }

  #tell(): void {
    const first = this.#field("right", "quality");
    first?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
