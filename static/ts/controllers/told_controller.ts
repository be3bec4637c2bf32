import { Controller } from "@hotwired/stimulus";

type Eye = "right" | "left";
const OTHER: Record<Eye, Eye> = { right: "left", left: "right" };
const SIDES: Record<Eye, string> = { right: "R", left: "L" };
const USUAL: Record<string, string> = { eye_status: "present", quality: "good" };

/**
 * The lesions of an eye by single keys: in their table a letter is a lesion, and Enter says that the
 * eye is told. What nobody has said of it was then looked for and not seen.
 */
export class ToldController extends Controller<HTMLFormElement> {
  static override targets = ["table", "next"];
  static override values = { keys: Object };
  declare readonly tableTarget: HTMLElement;
  declare readonly nextTarget: HTMLElement;
  declare readonly hasNextTarget: boolean;
  /** physical keys, and the lesions that they say */
  declare keysValue: Record<string, string>;

  override connect(): void {
    this.element.addEventListener("keydown", this.#key);
  }

  override disconnect(): void {
    this.element.removeEventListener("keydown", this.#key);
  }

  /** As an action: this eye is told. */
  rest({ params }: { params: { eye: Eye } }): void {
    this.#end(params.eye);
  }

  #key = (event: KeyboardEvent): void => {
    const at = event.target;
    const isHere = at instanceof HTMLInputElement && this.tableTarget.contains(at);
    const eye = isHere ? (at.dataset.eyeOf as Eye | undefined) : undefined;
    const isPlain = !(event.isComposing || event.ctrlKey || event.altKey || event.metaKey);
    if (eye === undefined || !isPlain || event.repeat) {
      // a key that is held says nothing of the other eye
      return;
    }
    const lesion = this.keysValue[event.code];
    if (event.code === "Enter" || event.code === "NumpadEnter") {
      this.#end(eye);
      this.#goOn(eye);
    } else if (lesion !== undefined) {
      this.#see(eye, lesion);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  /** Seen; a second press takes it back, and then nothing is said. */
  #see(eye: Eye, lesion: string): void {
    const name = `${eye}.lesions.${lesion}.said`;
    const [seen] = this.#radios(eye).filter((one) => one.name === name && one.value === "present");
    if (seen !== undefined) {
      seen.checked = !seen.checked;
      seen.focus();
      this.#tell();
    }
  }

  #end(eye: Eye): void {
    if (this.#isAside(eye)) {
      return;
    }
    for (const [name, value] of Object.entries(USUAL)) {
      const field = this.#field(eye, name);
      if (field?.value === "") {
        field.value = value;
      }
    }
    const said = new Set(this.#radios(eye).flatMap((one) => (one.checked ? [one.name] : [])));
    for (const radio of this.#radios(eye)) {
      if (radio.value === "absent" && !said.has(radio.name)) {
        radio.checked = true;
      }
    }
    this.#tell();
  }

  /** To the other eye while nobody has told it, else to what follows from both. */
  #goOn(eye: Eye): void {
    const other = OTHER[eye];
    if (!this.#isAside(other) && !this.#isTold(other)) {
      const side = `[data-eye-target~=side][data-side="${SIDES[other]}"]`;
      document.querySelector<HTMLElement>(side)?.click();
      this.#radios(other)[0]?.focus();
    } else if (this.hasNextTarget) {
      this.nextTarget.focus();
    }
  }

  /** Nothing is not seen in an eye that is not there or cannot be graded. */
  #isAside(eye: Eye): boolean {
    const isGone = this.#field(eye, "eye_status")?.value === "absent";
    return isGone || this.#field(eye, "quality")?.value === "ungradable";
  }

  #isTold(eye: Eye): boolean {
    const radios = this.#radios(eye);
    const said = new Set(radios.filter(({ checked }) => checked).map(({ name }) => name));
    return radios.every(({ name }) => said.has(name));
  }

  #radios(eye: Eye): HTMLInputElement[] {
    const ofEye = `input[type=radio][data-eye-of="${eye}"]`;
    return [...this.tableTarget.querySelectorAll<HTMLInputElement>(ofEye)];
  }

  #field(eye: Eye, name: string): HTMLSelectElement | null {
    return this.element.querySelector<HTMLSelectElement>(`select[name="${eye}.${name}"]`);
  }

  #tell(): void {
    this.tableTarget.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
