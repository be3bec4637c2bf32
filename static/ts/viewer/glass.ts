import { turnOf } from "../lib/turning";
import { type Lying, lying, placeAt, sizeOf } from "./geometry";

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
    const cells = { columns: width, rows: height };
    const turn = turnOf(picture.closest<HTMLElement>(".view"));
    const lie = lying(picture.getBoundingClientRect(), picture, cells, turn);
    const place = placeAt(lie, event.clientX, event.clientY);
    const times = Math.max(TIMES, TIMES / window.devicePixelRatio / sizeOf(lie).across);
    this.#draw(picture, lie, place, times);
    this.#canvas.style.left = `${event.clientX - SIDE / 2}px`;
    this.#canvas.style.top = `${event.clientY - SIDE / 2}px`;
  }

  /** The place of the picture in the middle of the glass, and what is around it as it is turned. */
  #draw(
    picture: HTMLCanvasElement,
    lie: Lying,
    [column, row]: readonly [number, number],
    times: number,
  ) {
    const pen = this.#canvas.getContext("2d");
    const [a, b] = lie.across.map((step) => step * times) as [number, number];
    const [c, d] = lie.down.map((step) => step * times) as [number, number];
    const middle = SIDE / 2;
    pen?.resetTransform();
    pen?.clearRect(0, 0, SIDE, SIDE);
    pen?.setTransform(a, b, c, d, middle - column * a - row * c, middle - column * b - row * d);
    const far = SIDE / (sizeOf(lie).across * times);
    const [x, y] = [column - far / 2, row - far / 2];
    pen?.drawImage(picture, x, y, far, far, x, y, far, far);
  }
}
