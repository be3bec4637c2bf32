import { Controller } from "@hotwired/stimulus";
import { type Field, Filling, isSaidOtherwise } from "../lib/filling";

const NEED = "referral_need";
const EYES = ["right", "left"];
const CLEAN: Record<string, string> = {
  eye_status: "present",
  quality: "good",
  icdr: "0",
  dme: "none",
};

/**
 * Both eyes without an apparent abnormality: filled in where everybody sees it, and undone at will.
 * What it says of the patient is taken back once something else follows from the eyes.
 */
export class NormalController extends Controller<HTMLFormElement> {
  static override targets = ["undo", "gone"];
  static override values = { finding: String, rest: Object };
  declare readonly undoTarget: HTMLElement;
  /** said where what it said of the patient was taken back */
  declare readonly goneTarget: HTMLElement;
  declare readonly hasGoneTarget: boolean;
  declare findingValue: string;
  /** what the form says of the patient then; filled in only where nothing was said */
  declare restValue: Record<string, string>;
  #eyes: Filling | undefined;
  #rest: Filling | undefined;
  /** what follows from the eyes as the key told them, as the server says it */
  #follows = "";

  override connect(): void {
    document.addEventListener("report-check:found", this.#found);
  }

  override disconnect(): void {
    document.removeEventListener("report-check:found", this.#found);
  }

  both(): void {
    this.#takeBack();
    const eyes = new Filling(this.element);
    for (const eye of EYES.filter((one) => this.#field(one, "eye_status")?.value !== "absent")) {
      this.#fill(eyes, eye);
    }
    this.#eyes = eyes;
    this.#rest = this.#sayRest();
    this.#follows = "";
    this.#say(eyes.isAny || this.#rest.isAny, false);
    this.#tell();
  }

  undo(): void {
    this.#takeBack();
    this.#say(false, false);
    this.#tell();
  }

  /** The server has found what follows, or that nothing does yet. */
  #found = (event: Event): void => {
    const { detail } = event as CustomEvent<{ proposed: Record<string, string> | null }>;
    const { proposed } = detail;
    if (proposed === null || this.#rest?.isAny !== true) {
      return;
    }
    const follows = JSON.stringify(proposed);
    if (this.#eyes?.stands) {
      this.#follows = follows;
    } else if (follows !== this.#follows) {
      this.#rest.undo();
      this.#say(!this.undoTarget.hidden, true);
      this.#tell();
    }
  };

  /** What it says of the patient, unless another need for referral is said already. */
  #sayRest(): Filling {
    const rest = new Filling(this.element);
    const said = this.restValue;
    if (!isSaidOtherwise(this.element, NEED, said[NEED])) {
      for (const [name, value] of Object.entries(said)) {
        rest.say(name, value);
      }
    }
    return rest;
  }

  #takeBack(): void {
    this.#rest?.undo();
    this.#eyes?.undo();
    this.#rest = undefined;
    this.#eyes = undefined;
  }

  #say(isFilled: boolean, isGone: boolean): void {
    this.undoTarget.hidden = !isFilled;
    if (this.hasGoneTarget) {
      this.goneTarget.hidden = !isGone;
    }
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
