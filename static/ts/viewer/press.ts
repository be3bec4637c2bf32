import {
  Enums,
  eventTarget,
  getRenderingCapabilities,
  getRenderingEngine,
  init,
  RenderingEngine,
  setUseCPURendering,
  type Types,
} from "@cornerstonejs/core";
import type { Range } from "./windows";

const VIEWPORT = "sheet";
const PATIENCE_MS = 20_000;
let presses = 0;

type Way = "webgl" | "cpu";

/** How values become grey. */
interface Ink {
  range: Range;
  inverted: boolean;
}

/**
 * Draws values through a window with Cornerstone3D, at the picture's own size, and copies the sheet
 * onto the canvas that is shown: zooming and moving a canvas is the browser's work and draws
 * nothing anew.
 */
export class Press {
  /** Each room's press is its own: what a left room still prints never lands in the next one. */
  readonly #name: string;
  #way: Way;
  #sheet = document.createElement("div");
  #turn: Promise<unknown> = Promise.resolve();
  #shown = "";
  #size = "";
  #isClosed = false;

  constructor(onProcessor: boolean) {
    presses += 1;
    this.#name = `press ${presses}`;
    init({ rendering: { useCPURendering: onProcessor, webGlContextCount: 1 } } as never);
    this.#way = onProcessor || !hasGraphics() ? "cpu" : "webgl";
    setUseCPURendering(this.#way === "cpu");
    this.#sheet.className = "press";
    document.body.append(this.#sheet);
    eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#lost);
  }

  /** The room is left: the graphics card is given back. */
  close(): void {
    this.#isClosed = true;
    eventTarget.removeEventListener(Enums.Events.WEBGL_CONTEXT_LOST, this.#lost);
    getRenderingEngine(this.#name)?.destroy();
    this.#sheet.remove();
  }

  /** Which way values are drawn; the page says it. */
  get way(): Way {
    return this.#way;
  }

  /** One sheet after the other: the press is one. */
  print(image: Types.IImage, ink: Ink, onto: HTMLCanvasElement, height: number): Promise<void> {
    const turn = this.#turn.then(() => this.#print(image, ink, onto, height));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #print(image: Types.IImage, ink: Ink, onto: HTMLCanvasElement, height: number) {
    const viewport = this.#viewport(image.columns, image.rows);
    if (this.#shown !== image.imageId) {
      await viewport.setStack([image.imageId], 0);
      this.#ask();
      this.#shown = image.imageId;
    }
    const drawn = this.#drawn();
    viewport.setProperties({ voiRange: ink.range, invert: ink.inverted !== isInverted(image) });
    viewport.resetCamera();
    viewport.render();
    await drawn;
    this.#ask();
    const sheet = viewport.canvas;
    onto.width = image.columns;
    onto.height = height;
    onto.getContext("2d")?.drawImage(sheet, 0, 0, onto.width, onto.height);
  }

  /** Nothing is printed for a room that was left. */
  #ask(): void {
    if (this.#isClosed) {
      throw new Error("the room was left");
    }
  }

  #viewport(columns: number, rows: number): Types.IStackViewport {
    this.#ask();
    const engine = getRenderingEngine(this.#name) ?? new RenderingEngine(this.#name);
    const size = `${columns} ${rows}`;
    if (this.#size !== size) {
      const ratio = this.#way === "cpu" ? 1 : window.devicePixelRatio;
      this.#sheet.style.width = `${columns / ratio}px`;
      this.#sheet.style.height = `${rows / ratio}px`;
      if (this.#size !== "") {
        engine.disableElement(VIEWPORT);
        this.#sheet.replaceChildren();
      }
      engine.enableElement({
        viewportId: VIEWPORT,
        type: Enums.ViewportType.STACK,
        element: this.#sheet,
      });
      this.#size = size;
      this.#shown = "";
    }
    return engine.getViewport(VIEWPORT) as Types.IStackViewport;
  }

  #drawn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = window.setTimeout(() => reject(new Error("nothing was drawn")), PATIENCE_MS);
      const done = () => {
        window.clearTimeout(late);
        resolve();
      };
      this.#sheet.addEventListener(Enums.Events.IMAGE_RENDERED, done, { once: true });
    });
  }

  /** The graphics card is gone, as after sleep: the processor draws from now on. */
  #lost = (): void => {
    this.#way = "cpu";
    getRenderingEngine(this.#name)?.destroy();
    this.#sheet.replaceChildren();
    this.#size = "";
    this.#shown = "";
    setUseCPURendering(true);
    window.dispatchEvent(new CustomEvent("viewer:way"));
  };
}

function isInverted(image: Types.IImage): boolean {
  return image.invert;
}

function hasGraphics(): boolean {
  return getRenderingCapabilities().webgl;
}
