import type { Layer } from "./layer";
import { DRAGGED, type Mark, type Place, ROUND, type Tool } from "./model";
import { ellipseIn, isInside, lengthened, moved, pulled, simplified } from "./shapes";

type Act = "drag" | "free" | "click" | "pull" | "move" | "corners";

/** What is being drawn or moved, from where. */
export interface Stroke {
  act: Act;
  layer: Layer;
  mark: Mark;
  from: Place;
  handle: number;
}

export const NEAR_PX = 9;
const LEAST_PX = 4;
const TOLERANCE_PX = 0.5;
/** What has no breadth of its own. */
const THIN: readonly Tool[] = ["arrow", "length"];

export function actOf(tool: Tool): Act {
  if (DRAGGED.includes(tool)) {
    return "drag";
  }
  if (tool === "freehand") {
    return "free";
  }
  return tool === "angle" || tool === "polygon" ? "corners" : "click";
}

/** How far two places are apart on the screen, across and down. */
function span(layer: Layer, one: Place, other: Place): [number, number] {
  const { across, down } = layer.enlarged;
  return [Math.abs(one[0] - other[0]) * across, Math.abs(one[1] - other[1]) * down];
}

export function isNear(layer: Layer, one: Place, other: Place): boolean {
  return Math.max(...span(layer, one, other)) <= NEAR_PX;
}

function longer({ layer, mark, from }: Stroke, to: Place): Mark {
  const isFar = Math.hypot(...span(layer, mark.points.at(-1) ?? from, to)) >= 1;
  return isFar ? { ...mark, points: lengthened(mark.points, to) } : mark;
}

/** The mark as it is with the pointer here; it never leaves the picture. */
export function grown(stroke: Stroke, to: Place): Mark {
  const { act, layer, mark, from, handle } = stroke;
  const size = layer.picture ?? { columns: 0, rows: 0 };
  switch (act) {
    case "free":
      return longer(stroke, to);
    case "drag":
      return { ...mark, points: ROUND.includes(mark.tool) ? ellipseIn(from, to) : [from, to] };
    case "pull": {
      const points = pulled(mark, handle, to);
      return isInside(points, size) ? { ...mark, points } : mark;
    }
    case "move":
      return { ...mark, points: moved(mark.points, [to[0] - from[0], to[1] - from[1]], size) };
    case "corners":
      return { ...mark, points: [...mark.points, to] };
    default:
      return mark;
  }
}

/** The mark as it is kept, or none where nothing was drawn or changed. */
export function ended(stroke: Stroke, to: Place): Mark | undefined {
  const last = grown(stroke, to);
  const { act, layer, mark, from } = stroke;
  const sides = span(layer, from, to);
  switch (act) {
    case "free":
      return last.points.length < 3 ? undefined : thinned(last, layer);
    case "drag":
      return isDrawn(mark.tool, sides) ? last : undefined;
    case "click":
      return last;
    default:
      return Math.max(...sides) < 1 ? undefined : last;
  }
}

function isDrawn(tool: Tool, sides: [number, number]): boolean {
  return (THIN.includes(tool) ? Math.max(...sides) : Math.min(...sides)) >= LEAST_PX;
}

function thinned(mark: Mark, { enlarged }: Layer): Mark {
  return { ...mark, points: simplified(mark.points, TOLERANCE_PX / enlarged.across) };
}
