import type { Layer } from "./layer";
import type { Mark, Place, Tool } from "./model";
import { distanceTo, handlesOf, inOrder } from "./shapes";
import { actOf, ended, grown, isNear, NEAR_PX, type Stroke } from "./stroke";

const MOST_CORNERS = 500;

/** What the pen draws on. */
export interface Paper {
  readonly tool: Tool | "select" | "";
  readonly selected: Mark | undefined;
  layerAt(target: EventTarget | null): Layer | undefined;
  /** the reader's own marks on what this layer shows, and those of others that are shown */
  marksOn(layer: Layer): readonly Mark[];
  isOwn(mark: Mark): boolean;
  begin(layer: Layer, tool: Tool, points: readonly Place[]): Mark;
  draft(mark: Mark | undefined): void;
  commit(mark: Mark): void;
  select(id: string): void;
}

/** Draws with a pointer: every place is one of the picture, so zooming meanwhile changes nothing. */
export class Pen {
  readonly #paper: Paper;
  #stroke: Stroke | undefined;

  constructor(room: HTMLElement, paper: Paper) {
    this.#paper = paper;
    room.addEventListener("pointerdown", this.#down, { capture: true });
    room.addEventListener("pointermove", this.#move, { capture: true });
    room.addEventListener("pointerup", this.#up, { capture: true });
    room.addEventListener("pointercancel", () => this.cancel(), { capture: true });
  }

  /** Leave the line that is being drawn; says whether there was one. */
  cancel(): boolean {
    const had = this.#stroke !== undefined;
    this.#stroke = undefined;
    this.#paper.draft(undefined);
    return had;
  }

  /** End a polygon at its last corner. */
  finish(): boolean {
    const stroke = this.#stroke;
    if (stroke?.act !== "corners" || stroke.mark.tool !== "polygon") {
      return false;
    }
    if (stroke.mark.points.length >= 3) {
      this.#commit(stroke.mark);
    }
    return true;
  }

  #down = (event: PointerEvent): void => {
    const { tool } = this.#paper;
    const layer = this.#paper.layerAt(event.target);
    if (tool === "" || event.button !== 0 || !event.isPrimary || layer?.picture === undefined) {
      return;
    }
    // nothing is moved below the pen, and no text field keeps the focus
    event.preventDefault();
    layer.frame.focus({ preventScroll: true });
    layer.frame.setPointerCapture?.(event.pointerId);
    const place = layer.placeOf(event);
    if (this.#stroke?.act === "corners" && this.#stroke.layer === layer) {
      this.#corner(this.#stroke, place);
    } else if (!this.#grab(layer, place)) {
      this.#begin(layer, tool, place);
    }
  };

  /** Take hold of a handle of the selected mark; or with the arrow of selection of any mark. */
  #grab(layer: Layer, place: Place): boolean {
    const { selected, tool } = this.#paper;
    const here = this.#paper.marksOn(layer);
    const held = here.find((mark) => mark.id === selected?.id && this.#paper.isOwn(mark));
    if (held !== undefined) {
      const handle = handlesOf(held).findIndex((end) => isNear(layer, end, place));
      if (handle >= 0) {
        this.#stroke = { act: "pull", layer, mark: held, from: place, handle };
        return true;
      }
    }
    if (tool !== "select") {
      return false;
    }
    const [nearest] = here
      .map((mark) => ({ mark, far: distanceTo(mark, place, layer.enlarged) }))
      .filter(({ far }) => far <= NEAR_PX)
      .sort((one, other) => one.far - other.far);
    this.#paper.select(nearest?.mark.id ?? "");
    if (nearest !== undefined && this.#paper.isOwn(nearest.mark)) {
      this.#stroke = { act: "move", layer, mark: nearest.mark, from: place, handle: -1 };
    }
    return true;
  }

  #begin(layer: Layer, tool: Tool | "select" | "", place: Place): void {
    if (tool === "select" || tool === "") {
      return;
    }
    const mark = this.#paper.begin(layer, tool, [place]);
    const act = actOf(tool);
    this.#stroke = { act, layer, mark, from: place, handle: -1 };
    if (act !== "drag") {
      this.#paper.draft(mark);
    }
  }

  #corner(stroke: Stroke, place: Place): void {
    const { layer, mark } = stroke;
    const { points } = mark;
    const [first, last] = [points[0], points.at(-1)];
    const isEnd = [first, last].some((end) => end !== undefined && isNear(layer, end, place));
    if (mark.tool === "polygon" && (isEnd || points.length >= MOST_CORNERS)) {
      this.finish();
      return;
    }
    if (isEnd) {
      return;
    }
    stroke.mark = { ...mark, points: [...points, place] };
    if (mark.tool === "angle" && stroke.mark.points.length === 3) {
      this.#commit(stroke.mark);
    } else {
      this.#paper.draft(stroke.mark);
    }
  }

  #move = (event: PointerEvent): void => {
    const stroke = this.#stroke;
    if (stroke === undefined) {
      return;
    }
    const mark = grown(stroke, stroke.layer.placeOf(event));
    if (stroke.act === "free") {
      stroke.mark = mark;
    }
    this.#paper.draft(mark);
  };

  #up = (event: PointerEvent): void => {
    const stroke = this.#stroke;
    if (stroke === undefined || stroke.act === "corners" || event.button !== 0) {
      return;
    }
    const place = stroke.layer.placeOf(event);
    const mark = ended(stroke, place);
    if (mark === undefined) {
      this.cancel();
    } else {
      this.#commit(mark);
    }
  };

  #commit(mark: Mark): void {
    this.#stroke = undefined;
    this.#paper.draft(undefined);
    this.#paper.commit({ ...mark, points: inOrder(mark.tool, mark.points) });
  }
}
