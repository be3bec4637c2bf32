import { Controller } from "@hotwired/stimulus";
import { type Field, Filling } from "../lib/filling";

const EYES = ["right", "left"];
const CLEAN: Record<string, string> = {
  eye_status: "present",
  quality: "good",
  icdr: "0",
  dme: "none",
};

/** Both eyes without an apparent abnormality: filled in where everybody sees it, and undone at will. */
export class NormalController extends Controller<HTMLFormElement> {
  static override targets = ["undo"];
  static override values = { finding: String, rest: Object };
  declare readonly undoTarget: HTMLElement;
  declare findingValue: string;
  /** what the form says of the patient then; filled in only where nothing was said */
  declare restValue: Record<string, string>;
  #filling: Filling | undefined;

  both(): void {
    const filling = new Filling(this.element);
    this.#filling = filling;
    for (const eye of EYES.filter((one) => this.#field(one, "eye_status")?.value !== "absent")) {
      this.#fill(filling, eye);
    }
    for (const [name, value] of Object.entries(this.restValue)) {
      filling.say(name, value);
    }
    this.undoTarget.hidden = false;
    this.#tell();
  }

  undo(): void {
    this.#filling?.undo();
    this.undoTarget.hidden = true;
    this.#tell();
  }

  #fill(filling: Filling, eye: string): void {
    for (const [name, value] of Object.entries(CLEAN)) {
      const field = this.#field(eye, name);
      const isBlind = name === "eye_status" && field?.value === "nlp";
      if (field !== null && !isBlind) {
        filling.set(field, value);
      }
    }
    filling.say(`${eye}.findings`, this.findingValue);
    const ticked = `input[name="${eye}.causes"]:checked`;
    filling.tick([...this.element.querySelectorAll<HTMLInputElement>(ticked)], () => false);
    this.#seeNone(filling, eye);
  }

  /** The key says of every lesion of the eye that it was looked for and not seen. */
  #seeNone(filling: Filling, eye: string): void {
    const radios = [...this.element.querySelectorAll<HTMLInputElement>("input[type=radio]")];
    const ofEye = radios.filter(({ name }) => name.startsWith(`${eye}.lesions.`));
    filling.tick(ofEye, ({ value }) => value === "absent");
  }

  #field(eye: string, name: string): Field | null {
    return this.element.querySelector<Field>(`[name="${eye}.${name}"]`);
  }

  #tell(): void {
    const first = this.#field("right", "quality");
    first?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
