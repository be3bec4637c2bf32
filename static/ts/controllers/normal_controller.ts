import { Controller } from "@hotwired/stimulus";

const EYES = ["right", "left"];
const CLEAN: Record<string, string> = {
  eye_status: "present",
  quality: "good",
  icdr: "0",
  dme: "none",
};
type Field = HTMLSelectElement | HTMLTextAreaElement | HTMLInputElement;

/** Both eyes without an apparent abnormality: filled in where everybody sees it, and undone at will. */
export class NormalController extends Controller<HTMLFormElement> {
  static override targets = ["undo"];
  static override values = { finding: String, rest: Object };
  declare readonly undoTarget: HTMLElement;
  declare findingValue: string;
  /** what the form says of the patient then; filled in only where nothing was said */
  declare restValue: Record<string, string>;
  #before = new Map<Field, string>();
  #causes: HTMLInputElement[] = [];
  #radios: [HTMLInputElement, boolean][] = [];

  both(): void {
    this.#before = new Map();
    this.#causes = [];
    this.#radios = [];
    for (const eye of EYES.filter((one) => this.#field(one, "eye_status")?.value !== "absent")) {
      this.#fill(eye);
    }
    for (const [name, value] of Object.entries(this.restValue)) {
      this.#say(name, value);
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
    for (const [radio, was] of this.#radios) {
      radio.checked = was;
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
    this.#seeNone(eye);
  }

  /** The key says of every lesion of the eye that it was looked for and not seen. */
  #seeNone(eye: string): void {
    const radios = [...this.element.querySelectorAll<HTMLInputElement>("input[type=radio]")];
    const ofEye = radios.filter((radio) => radio.name.startsWith(`${eye}.lesions.`));
    this.#radios.push(...ofEye.map((radio): [HTMLInputElement, boolean] => [radio, radio.checked]));
    for (const radio of ofEye) {
      radio.checked = radio.value === "absent";
    }
  }

  #say(name: string, value: string): void {
    const fields = [...this.element.querySelectorAll<Field>(`[name="${name}"]`)];
    const radios = fields.filter((field): field is HTMLInputElement => field.type === "radio");
    if (radios.length > 0 && !radios.some((radio) => radio.checked)) {
      this.#radios.push(...radios.map((radio): [HTMLInputElement, boolean] => [radio, false]));
      for (const radio of radios) {
        radio.checked = radio.value === value;
      }
    }
    for (const field of fields) {
      if (radios.length === 0 && field.value.trim() === "") {
        this.#set(field, value);
      }
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
