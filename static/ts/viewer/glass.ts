import { lying, placeAt } from "./geometry";

const SIDE = 240;
const TIMES = 2;

/** The magnifier: a round pane beside the pointer that shows the picture's own pixels enlarged. */
export class Glass {
  readonly #canvas = document.createElement("canvas");
  #isOn = false;

  constructor(room: HTMLElement) {
    this.#canvas.className = "glass";
    this.#canvas.width = SIDE;
    this.#canvas.height = SIDE;
    this.#canvas.hidden = true;
    this.#canvas.setAttribute("aria-hidden", "true");
    room.append(this.#canvas);
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  turn(): void {
    this.#isOn = !this.#isOn;
    this.#canvas.hidden = true;
  }

  /** The pointer is here, above this picture or above none. */
  move(event: PointerEvent, picture: HTMLCanvasElement | undefined): void {
    this.#canvas.hidden = !this.#isOn || picture === undefined || picture.width === 0;
    if (this.#canvas.hidden || picture === undefined) {
      return;
    }
    const { width, height } = picture;
    const lie = lying(picture.getBoundingClientRect(), picture, { columns: width, rows: height });
    const [column, row] = placeAt(lie, event.clientX, event.clientY);
    const shown = SIDE / Math.max(lie.across * TIMES, TIMES / window.devicePixelRatio);
    const pen = this.#canvas.getContext("2d");
    pen?.clearRect(0, 0, SIDE, SIDE);
    pen?.drawImage(picture, column - shown / 2, row - shown / 2, shown, shown, 0, 0, SIDE, SIDE);
    this.#canvas.style.left = `${event.clientX - SIDE / 2}px`;
    this.#canvas.style.top = `${event.clientY - SIDE / 2}px`;
  }
}
