import { Latest } from "../lib/latest";
import { type Turn, turnOf, turnTo, UPRIGHT } from "../lib/turning";
import { word } from "../lib/words";
import { caption, write } from "./caption";
import { imageOf } from "./frames";
import { isColour } from "./kinds";
import { LookState } from "./look";
import type { Paints } from "./paint";
import { type Spot, Standing, toldOf } from "./standing";
import { dragged, type Preset } from "./windows";

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
  #standing: Standing | undefined;
  #wasColour: boolean | undefined;
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
      const standing = await Standing.of(spot);
      if (turn === this.#turn) {
        await this.#take(standing);
      }
    } catch {
      if (turn === this.#turn) {
        this.#standing = undefined;
        this.#fail();
      }
    }
  }

  async #take(standing: Standing): Promise<void> {
    const isOther = this.#wasColour !== standing.isColour;
    this.#standing = standing;
    this.#wasColour = standing.isColour;
    const first = standing.beginning(this.#around.presetsOf(standing.spot));
    if (isOther) {
      this.look.begin(first);
    } else {
      this.look.follow(first);
    }
    await this.paint();
  }

  /** Draw the current picture as it is to look now, or say that it cannot be. */
  async paint(): Promise<void> {
    const standing = this.#standing;
    try {
      await this.#drawing.again();
      if (standing !== undefined && this.#standing === standing) {
        this.#appear(standing);
      }
    } catch {
      if (this.#standing === standing) {
        this.#fail();
      }
    }
  }

  /** The picture was drawn, and neither was the room left nor another picture wanted meanwhile. */
  #appear(standing: Standing): void {
    write(this.view, "bad", "");
    this.#isWhole = this.spot === standing.spot;
    if (!standing.isShown) {
      standing.isShown = true;
      this.#replace();
      this.#around.shown(this, standing.spot);
      this.#ahead();
    }
  }

  async #draw(): Promise<void> {
    const standing = this.#standing;
    if (standing !== undefined) {
      const isStill = () => this.#standing === standing;
      await standing.draw(this.look, this.#around, { canvas: this.#canvas, isStill });
      this.#say();
    }
  }

  /** A window by dragging: right is wider, down is darker. */
  async drag(x: number, y: number): Promise<void> {
    const full = this.#standing?.span;
    if (full !== undefined) {
      this.look.choose(dragged(this.look.range, x, y, full));
      await this.paint();
    }
  }

  async reset(): Promise<void> {
    const standing = this.#standing;
    if (standing !== undefined) {
      this.look.begin(standing.beginning(this.#around.presetsOf(standing.spot)));
      this.turn(UPRIGHT);
      await this.paint();
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
    this.#standing = undefined;
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
    this.#isWhole = false;
    this.#standing?.lose();
    this.#say();
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
    const { look, length, view } = this;
    const spot = this.#standing?.spot;
    caption(view, {
      look,
      ...toldOf(view, this.#standing, look, this.spot),
      turn: turnOf(view),
      at: spot === undefined ? this.#at : this.#spots.indexOf(spot),
      wanted: this.#at,
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
