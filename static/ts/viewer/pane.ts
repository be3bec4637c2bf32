import type { Types } from "@cornerstonejs/core";
import { Latest } from "../lib/latest";
import { word } from "../lib/words";
import { aspectOf } from "./aspect";
import { type Bound, WHOLE } from "./colour";
import { develop, photographOf } from "./developing";
import { type Frame, imageOf, isColour } from "./frames";
import { tellLook, tellPart, tellPlace } from "./legend";
import { LookState } from "./look";
import type { Press } from "./press";
import { dragged, type Preset } from "./windows";

/** One place of a stack: a frame of a film. */
export interface Spot {
  film: string;
  frame: Frame;
  frames: number;
}

interface Around {
  press: Press;
  bound: Bound;
  presetsOf(spot: Spot): Preset[];
  shown(pane: Pane, spot: Spot): void;
  gaveUp(pane: Pane): void;
}

const NEAR = 4;

/** One picture of the page, taken over in its place: the canvas stands where the preview stood. */
export class Pane {
  readonly view: HTMLElement;
  readonly look = new LookState();
  readonly #around: Around;
  readonly #canvas = document.createElement("canvas");
  #preview: HTMLImageElement | null;
  #spots: Spot[] = [];
  #at = 0;
  #turn = 0;
  #image: Types.IImage | undefined;
  #isOn = false;
  #isWhole = false;
  readonly #painting = new Latest(() => this.#paint());

  constructor(view: HTMLElement, around: Around) {
    this.view = view;
    this.#around = around;
    this.#preview = view.querySelector("img");
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", this.#preview?.alt ?? "");
  }

  get spot(): Spot | undefined {
    return this.#spots[this.#at];
  }

  get length(): number {
    return this.#spots.length;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Whether the picture on the screen is the one of the current place, from its own pixels. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  get isColour(): boolean {
    return this.spot !== undefined && isColour(this.spot.frame.set);
  }

  get canvas(): HTMLCanvasElement {
    return this.#canvas;
  }

  get presets(): Preset[] {
    return this.spot === undefined ? [] : this.#around.presetsOf(this.spot);
  }

  async open(spots: Spot[], at: number): Promise<void> {
    this.#spots = spots;
    await this.go(at);
  }

  /** Show this place of the stack; a later wish overtakes an earlier one. */
  async go(at: number): Promise<void> {
    const kept = Math.min(Math.max(at, 0), this.#spots.length - 1);
    const spot = this.#spots[kept];
    if (spot === undefined) {
      return;
    }
    this.#at = kept;
    const turn = ++this.#turn;
    this.#isWhole = false;
    this.#say();
    try {
      const image = await imageOf(spot.frame);
      if (turn === this.#turn) {
        await this.#take(image, spot);
      }
    } catch {
      if (turn === this.#turn) {
        this.#fail();
      }
    }
  }

  async #take(image: Types.IImage, spot: Spot): Promise<void> {
    const isOther = this.#image === undefined || this.#image.color !== image.color;
    this.#image = image;
    const first = image.color ? WHOLE : this.#first(image);
    if (isOther) {
      this.look.begin(first);
    } else {
      this.look.follow(first);
    }
    await this.paint();
    if (this.#image !== image) {
      // the room was left, or another picture was wanted meanwhile: this one was not shown
      return;
    }
    this.#replace();
    tellPart(this.view, "bad", "");
    this.#isWhole = this.spot === spot;
    this.#around.shown(this, spot);
    this.#ahead();
  }

  #first(image: Types.IImage): { lower: number; upper: number } {
    return (
      this.presets[0]?.range ?? {
        lower: image.minPixelValue,
        upper: Math.max(image.maxPixelValue, image.minPixelValue + 1),
      }
    );
  }

  /** Draw the current picture as it is to look now. */
  paint(): Promise<void> {
    return this.#painting.again();
  }

  async #paint(): Promise<void> {
    const image = this.#image;
    const spot = this.spot;
    if (image === undefined || spot === undefined) {
      return;
    }
    if (image.color) {
      await this.#develop(image);
    } else {
      const height = Math.max(Math.round(image.rows * aspectOf(spot.frame.set)), 1);
      const { range, inverted } = this.look;
      await this.#around.press.print(image, { range, inverted }, this.#canvas, height);
    }
    this.#say();
  }

  async #develop(image: Types.IImage): Promise<void> {
    const { columns, rows } = image;
    const shown = await develop(photographOf(image), this.look, this.#around.bound);
    if (this.#image !== image) {
      return;
    }
    if (this.#canvas.width !== columns || this.#canvas.height !== rows) {
      this.#canvas.width = columns;
      this.#canvas.height = rows;
    }
    this.#canvas.getContext("2d")?.putImageData(shown, 0, 0);
  }

  /** A window by dragging: right is wider, down is darker. */
  async drag(x: number, y: number): Promise<void> {
    const image = this.#image;
    if (image !== undefined) {
      const full = image.color ? WHOLE : { lower: image.minPixelValue, upper: image.maxPixelValue };
      this.look.choose(dragged(this.look.range, x, y, full));
      await this.paint();
    }
  }

  async reset(): Promise<void> {
    if (this.#image !== undefined) {
      this.look.begin(this.#image.color ? WHOLE : this.#first(this.#image));
      await this.paint();
    }
  }

  /** The canvas gives its memory back while another picture stands in its place. */
  rest(): void {
    this.#canvas.width = 0;
    this.#canvas.height = 0;
  }

  /** The room is left: what is still on its way is drawn nowhere. */
  close(): void {
    this.#turn += 1;
    this.#spots = [];
    this.#image = undefined;
    this.rest();
  }

  async wake(): Promise<void> {
    if (this.#isOn && this.#canvas.width === 0) {
      await this.paint();
    }
  }

  #replace(): void {
    if (this.#preview?.isConnected) {
      const { style, dataset } = this.#preview;
      this.#canvas.style.cssText = style.cssText;
      this.#canvas.dataset.zoomTarget = dataset.zoomTarget ?? "";
      this.#preview.replaceWith(this.#canvas);
      this.#isOn = true;
    }
  }

  /** The first picture that cannot be shown leaves the preview to the server's own drawing. */
  #fail(): void {
    if (this.#isOn) {
      const place = { n: this.#at + 1, m: this.#spots.length };
      this.rest();
      tellPart(this.view, "bad", word("viewerBroken", place));
    } else {
      this.#around.gaveUp(this);
    }
  }

  #ahead(): void {
    for (const next of this.#spots.slice(this.#at + 1, this.#at + 1 + NEAR)) {
      imageOf(next.frame).catch(() => undefined);
    }
  }

  #say(): void {
    const { isChosen } = this.look;
    const isWindowed = this.#image !== undefined && !(this.isColour && !isChosen);
    tellLook(this.view, this.look, isWindowed);
    tellPlace(this.view, this.#at, this.#spots.length);
  }

  get at(): number {
    return this.#at;
  }

  find(film: string): number {
    return this.#spots.findIndex((spot) => spot.film === film);
  }
}
