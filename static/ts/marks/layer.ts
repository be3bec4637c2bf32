import { turnOf } from "../lib/turning";
import { type Lying, lying, placeAt, pointOf, sizeOf } from "../viewer/geometry";
import type { Mark, Picture, Place } from "./model";
import { type Enlarged, handlesOf, headOf, pathOf, within } from "./shapes";

/** A mark as it is drawn: never by its colour alone. */
export interface Shown {
  mark: Mark;
  colour: string;
  text: string;
  isMine: boolean;
  isSelected: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const RING_PX = 7;
const HEAD_PX = 14;
const HANDLE_PX = 5;
const BESIDE_PX = 9;
const LETTER_PX = 7.5;
const HUNDREDTH = 100;

function make(name: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, String(value));
  }
  return made;
}

/** The marks over one picture: lines in the picture's own pixels, letters and handles on the screen's. */
export class Layer {
  readonly view: HTMLElement;
  readonly frame: HTMLElement;
  readonly #svg = make("svg", { class: "marks-layer", "aria-hidden": "true" });
  readonly #lines = make("g", {});
  readonly #signs = make("g", {});
  #scene: Shown[] = [];
  #asked = 0;
  picture: Picture | undefined;
  number = 1;

  constructor(view: HTMLElement, frame: HTMLElement) {
    this.view = view;
    this.frame = frame;
    this.#svg.append(this.#lines, this.#signs);
    frame.append(this.#svg);
  }

  /** What is to be seen over this frame of this picture. */
  show(scene: Shown[]): void {
    this.#scene = scene;
    this.#lines.replaceChildren(...scene.flatMap(linesOf));
    this.lie();
  }

  /** The picture was moved: once for all that happens before the next drawing of the screen. */
  soon = (): void => {
    window.cancelAnimationFrame(this.#asked);
    this.#asked = window.requestAnimationFrame(() => this.lie());
  };

  lie(): void {
    const lies = this.#lies();
    this.#svg.classList.toggle("is-off", lies === undefined);
    if (lies === undefined) {
      return;
    }
    const { x, y, across, down } = lies;
    this.#lines.setAttribute("transform", `matrix(${[...across, ...down, x, y].join(" ")})`);
    const onScreen = (place: Place): Place => pointOf(lies, place);
    const wide = this.frame.clientWidth;
    this.#signs.replaceChildren(...this.#scene.flatMap((shown) => signsOf(shown, onScreen, wide)));
  }

  /** How large the picture is on the screen now. */
  get enlarged(): Enlarged {
    const lies = this.#lies();
    return lies === undefined ? { across: 1, down: 1 } : sizeOf(lies);
  }

  /** The picture's place under the pointer, its edges included. */
  placeOf(event: MouseEvent): Place {
    const lies = this.#lies();
    if (lies === undefined || this.picture === undefined) {
      return [0, 0];
    }
    const box = this.frame.getBoundingClientRect();
    const place = placeAt(lies, event.clientX - box.left, event.clientY - box.top);
    const [column, row] = within(place, this.picture);
    return [Math.round(column * HUNDREDTH) / HUNDREDTH, Math.round(row * HUNDREDTH) / HUNDREDTH];
  }

  #lies(): Lying | undefined {
    const shown = this.frame.querySelector<HTMLCanvasElement | HTMLImageElement>("canvas, img");
    const { picture } = this;
    if (shown === null || picture === undefined || picture.columns * picture.rows === 0) {
      return undefined;
    }
    const size =
      shown instanceof HTMLImageElement
        ? { width: shown.naturalWidth, height: shown.naturalHeight }
        : { width: shown.width, height: shown.height };
    const box = shown.getBoundingClientRect();
    if (size.width * size.height * box.width * box.height === 0) {
      return undefined;
    }
    const lies = lying(box, size, picture, turnOf(this.view));
    const { left, top } = this.frame.getBoundingClientRect();
    return { ...lies, x: lies.x - left, y: lies.y - top };
  }
}

function kindOf({ isMine, isSelected }: Shown): string {
  return `${isMine ? "is-mine" : "is-other"}${isSelected ? " is-selected" : ""}`;
}

/** Each line twice: a dark one below, so that it is seen on any ground. */
function linesOf(shown: Shown): SVGElement[] {
  const path = pathOf(shown.mark);
  return path === "" ? [] : strokes(path, shown);
}

function strokes(d: string, shown: Shown): SVGElement[] {
  const over = make("path", { d, class: `mark-line ${kindOf(shown)}`, stroke: shown.colour });
  over.dataset.mark = shown.mark.id;
  return [make("path", { d, class: "mark-under" }), over];
}

function signsOf(shown: Shown, onScreen: (place: Place) => Place, wide: number): SVGElement[] {
  const { mark, colour } = shown;
  const points = mark.points.map(onScreen);
  const [first, second] = points;
  const signs: SVGElement[] = [];
  if (mark.tool === "point" && first !== undefined) {
    signs.push(...rings(first, shown));
  }
  if (mark.tool === "arrow" && first !== undefined && second !== undefined) {
    signs.push(...strokes(headOf([first, second], HEAD_PX), shown));
  }
  signs.push(...wordsOf(shown, points, wide));
  if (shown.isSelected && shown.isMine) {
    for (const [cx, cy] of handlesOf(mark).map(onScreen)) {
      signs.push(make("circle", { class: "mark-handle", cx, cy, r: HANDLE_PX, stroke: colour }));
    }
  }
  return signs;
}

function rings([cx, cy]: Place, shown: Shown): SVGElement[] {
  const ring = { cx, cy, r: RING_PX };
  const over = make("circle", {
    ...ring,
    class: `mark-line ${kindOf(shown)}`,
    stroke: shown.colour,
  });
  over.dataset.mark = shown.mark.id;
  return [make("circle", { ...ring, class: "mark-under" }), over];
}

/** Right of the mark, or left of it where the frame ends. */
function wordsOf(shown: Shown, points: Place[], wide: number): SVGElement[] {
  const { text, mark } = shown;
  const right = points.reduce(
    (one, other) => (other[0] > one[0] ? other : one),
    points[0] ?? [0, 0],
  );
  const left = points.reduce(
    (one, other) => (other[0] < one[0] ? other : one),
    points[0] ?? [0, 0],
  );
  if (text === "") {
    return [];
  }
  const isTurned = right[0] + BESIDE_PX + text.length * LETTER_PX > wide && left[0] > wide / 2;
  const [x, y] = isTurned ? left : right;
  const words = make("text", {
    class: `mark-text ${kindOf(shown)}`,
    x: isTurned ? x - BESIDE_PX : x + BESIDE_PX,
    y: y + 4,
    "text-anchor": isTurned ? "end" : "start",
  });
  words.dataset.of = mark.id;
  words.textContent = text;
  return [words];
}
