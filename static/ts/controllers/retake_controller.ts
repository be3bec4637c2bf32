import { Controller } from "@hotwired/stimulus";

const TYPING = "input:not([type=checkbox],[type=radio]), textarea, select";
const EYES: Record<string, string> = { KeyR: "right", KeyL: "left" };

/**
 * The list of what is to be photographed again, by single keys: R and L choose the eye, a digit says
 * why all of its photographs are wanted anew. Nothing is chosen before, and nothing is sent by it.
 */
export class RetakeController extends Controller<HTMLFormElement> {
  static override targets = ["eye"];
  static override values = { keys: Object };
  declare readonly eyeTargets: HTMLElement[];
  /** physical keys, and the reasons that they say */
  declare keysValue: Record<string, string>;

  override connect(): void {
    this.element.addEventListener("keydown", this.#key);
  }

  override disconnect(): void {
    this.element.removeEventListener("keydown", this.#key);
  }

  #key = (event: KeyboardEvent): void => {
    const isTyping = event.target instanceof Element && event.target.closest(TYPING) !== null;
    const isOther = event.isComposing || event.ctrlKey || event.altKey || event.metaKey;
    if (isTyping || isOther || event.repeat) {
      return;
    }
    const eye = EYES[event.code];
    const reason = this.keysValue[event.code];
    if (eye !== undefined) {
      this.eyeTargets.find(({ dataset }) => dataset.eye === eye)?.focus();
    } else if (reason !== undefined) {
      this.#ask(reason);
    } else {
      return;
    }
    event.preventDefault();
  };

  /** For each place of the chosen eye; said once more it is taken back. */
  #ask(reason: string): void {
    const chosen = this.eyeTargets.find((eye) => eye.contains(document.activeElement));
    const places = [...(chosen?.querySelectorAll("select") ?? [])];
    const isSaid = places.every(({ value }) => value === reason);
    for (const place of places) {
      place.value = isSaid ? "" : reason;
    }
    places[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
