import { Controller } from "@hotwired/stimulus";

const EYES: Record<string, string> = { R: "right", L: "left" };

/** Which eye is current: chosen by its button or key, or by the picture that is taken up. */
export class EyeController extends Controller<HTMLElement> {
  static override targets = ["side"];
  declare readonly sideTargets: HTMLElement[];

  override connect(): void {
    this.element.addEventListener("room:chosen", this.#follow);
  }

  override disconnect(): void {
    this.element.removeEventListener("room:chosen", this.#follow);
  }

  /** As an action: this eye; the room takes up its picture. */
  choose(event: Event & { params: { side: string } }): void {
    this.#mark(event.params.side);
    this.dispatch("chosen", { detail: { side: event.params.side } });
  }

  /** As an action: put the focus on a field of the current eye. */
  field(event: Event & { params: { field: string } }): void {
    document.getElementById(`f-${this.element.dataset.eye}-${event.params.field}`)?.focus();
  }

  #follow = (event: Event): void => {
    const { film } = (event as CustomEvent<{ film?: HTMLElement }>).detail;
    this.#mark(film?.dataset.side ?? "");
  };

  #mark(side: string): void {
    const eye = EYES[side];
    if (eye === undefined) {
      return;
    }
    this.element.dataset.eye = eye;
    for (const button of this.sideTargets) {
      button.setAttribute("aria-pressed", String(button.dataset.side === side));
    }
  }
}
