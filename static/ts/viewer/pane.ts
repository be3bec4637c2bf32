import { Latest } from "../lib/latest";
import { type Turn, turnOf, turnTo, UPRIGHT } from "../lib/turning";
import { word } from "../lib/words";
import { caption, write } from "./caption";
import { type Frame, imageOf, type Pixels } from "./frames";
import { isColour, isFractional } from "./kinds";
import { LookState } from "./look";
import { beginningOf, type Paints, paint, spanOf, throughWindow } from "./paint";
import { sidesIn } from "./sides";
import { dragged, type Preset, type Range } from "./windows";

/** One place of a stack: a frame of a film. */
export interface Spot {
  film: string;
  frame: Frame;
  frames: number;
}

interface Around extends Paints {
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
  #image: Pixels | undefined;
  #wasColour = false;
  #isOn = false;
  #isWhole = false;
  readonly #drawing = new Latest(() => this.#draw());

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

  /** Whether the server draws what stands here. */
  get isDrawn(): boolean {
    return this.spot?.frame.isDrawn === true;
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

  async #take(image: Pixels, spot: Spot): Promise<void> {
    const isOther = this.#image === undefined || this.#wasColour !== this.isColour;
    this.#image = image;
    this.#wasColour = this.isColour;
    const first = beginningOf(image, spot.frame, this.presets);
    if (isOther) {
      this.look.begin(first);
    } else {
      this.look.follow(first);
    }
    await this.#drawing.again();
    if (this.#image !== image) {
      // the room was left, or another picture was wanted meanwhile: this one was not shown
      return;
    }
    this.#replace();
    write(this.view, "bad", "");
    this.#isWhole = this.spot === spot;
    this.#around.shown(this, spot);
    this.#ahead();
  }

  /** Draw the current picture as it is to look now, or say that it cannot be. */
  async paint(): Promise<void> {
    await this.#drawing.again().catch(() => this.#fail());
  }

  async #draw(): Promise<void> {
    const image = this.#image;
    const spot = this.spot;
    if (image !== undefined && spot !== undefined) {
      const isStill = () => this.#image === image;
      const shown = await throughWindow(image, spot.frame, this.look);
      const onto = { canvas: this.#canvas, isStill };
      await paint(shown, spot.frame, this.look, this.#around, onto);
      this.#say();
    }
  }

  /** Between which values a window is dragged; nowhere where no window was told. */
  get #full(): Range | undefined {
    const image = this.#image;
    return image && this.spot ? spanOf(image, this.spot.frame) : undefined;
  }

  /** A window by dragging: right is wider, down is darker. */
  async drag(x: number, y: number): Promise<void> {
    const full = this.#full;
    if (full !== undefined) {
      this.look.choose(dragged(this.look.range, x, y, full));
      await this.paint();
    }
  }

  async reset(): Promise<void> {
    if (this.#image && this.spot) {
      this.look.begin(beginningOf(this.#image, this.spot.frame, this.presets));
      await this.paint();
      this.turn(UPRIGHT);
    }
  }

  /** Look at it turned: nothing but where it lies on the screen is another. */
  turn(turn: Turn): void {
    turnTo(this.view, turn);
    this.#say();
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
      write(this.view, "bad", word("viewerBroken", place));
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
    const { look, length, spot } = this;
    const range = look.isChosen || (!this.isColour && this.#full) ? look.range : undefined;
    caption(this.view, {
      look,
      range: this.#image === undefined ? undefined : range,
      turn: turnOf(this.view),
      sides: sidesIn(this.view, spot?.frame.set),
      isFraction: spot !== undefined && isFractional(spot.frame.set),
      at: this.#at,
      length,
    });
  }

  get at(): number {
    return this.#at;
  }

  find(film: string): number {
    return this.#spots.findIndex((spot) => spot.film === film);
  }
}
