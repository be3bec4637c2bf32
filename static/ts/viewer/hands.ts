import type { Glass } from "./glass";
import type { Pane } from "./pane";

const WHEEL_PX = 40;

/** What hands reach of the pictures. */
interface Reach {
  readonly glass: Glass;
  paneAt(target: EventTarget | null): Pane | undefined;
}

/** What hands do on a picture beyond moving it: scroll a stack, set a window, hold the glass. */
export class Hands {
  readonly #stage: Reach;
  readonly #room: HTMLElement;
  #before: { x: number; y: number } | undefined;
  #wheeled = 0;
  #isPainting = false;

  constructor(room: HTMLElement, stage: Reach) {
    this.#room = room;
    this.#stage = stage;
    room.addEventListener("wheel", this.#wheel, { capture: true, passive: false });
    room.addEventListener("pointerdown", this.#down, { capture: true });
    room.addEventListener("pointermove", this.#move, { capture: true });
    room.addEventListener("contextmenu", this.#menu);
    room.addEventListener("input", this.#slide);
  }

  #wheel = (event: WheelEvent): void => {
    const pane = isOnPicture(event) ? this.#stage.paneAt(event.target) : undefined;
    if (pane === undefined || pane.length < 2 || event.ctrlKey) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.#wheeled += event.deltaY;
    const steps = Math.trunc(this.#wheeled / WHEEL_PX);
    this.#wheeled -= steps * WHEEL_PX;
    if (steps !== 0) {
      void pane.go(pane.at + steps);
    }
  };

  #down = (event: PointerEvent): void => {
    this.#before = isOnPicture(event) ? { x: event.clientX, y: event.clientY } : undefined;
  };

  #move = (event: PointerEvent): void => {
    const pane = isOnPicture(event) ? this.#stage.paneAt(event.target) : undefined;
    this.#stage.glass.move(event, pane?.isOn === true ? pane.canvas : undefined);
    const isWindowing = this.#room.dataset.hand === "window" && event.buttons === 1;
    if (pane === undefined || this.#before === undefined || event.buttons === 0) {
      return;
    }
    if (isWindowing || event.buttons === 2) {
      event.stopPropagation();
      if (!this.#isPainting) {
        this.#isPainting = true;
        const { x, y } = this.#before;
        this.#before = { x: event.clientX, y: event.clientY };
        void pane.drag(event.clientX - x, event.clientY - y).finally(() => {
          this.#isPainting = false;
        });
      }
    }
  };

  #menu = (event: Event): void => {
    if (isOnPicture(event)) {
      event.preventDefault();
    }
  };

  #slide = (event: Event): void => {
    const slider = event.target;
    if (slider instanceof HTMLInputElement && slider.dataset.part === "slider") {
      void this.#stage.paneAt(slider)?.go(Number(slider.value) - 1);
    }
  };
}

function isOnPicture(event: Event): boolean {
  return event.target instanceof Element && event.target.closest(".view-img") !== null;
}
