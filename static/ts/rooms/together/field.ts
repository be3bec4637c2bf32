import { isLying, type Turn } from "../../lib/turning";
import type { Lie, Size } from "../../lib/zoom";
import type { Place } from "../../marks/model";
import { lying, placeAt, pointOf } from "../../viewer/geometry";

/** A picture in a frame: its canvas, the pixels that are counted, and how it is turned. */
export interface Framed {
  frame: Size;
  canvas: Size;
  cells: { columns: number; rows: number };
  turn: Turn;
}

/** What of a picture stands in a frame: the place in the middle, and how much of it there is room for. */
export interface Field {
  centre: Place;
  field: Place;
}

const MOST = 16;
const HUNDREDTH = 100;
const FINE = 1e6;

/** The picture as it lies where the whole of it is in the frame. */
function fitted({ frame, canvas, cells, turn }: Framed) {
  return lying({ left: 0, top: 0, ...frame }, canvas, cells, turn);
}

/** How wide and high the whole picture is on the screen then. */
function shownSize({ frame, canvas, turn }: Framed): Size {
  const [width, height] = isLying(turn)
    ? [canvas.height, canvas.width]
    : [canvas.width, canvas.height];
  const scale = Math.min(frame.width / width, frame.height / height);
  return { width: width * scale, height: height * scale };
}

/** What stands in the frame of whoever shows. */
export function fieldOf(framed: Framed, lie: Lie): Field {
  const { frame } = framed;
  const middle = [(frame.width / 2 - lie.x) / lie.scale, (frame.height / 2 - lie.y) / lie.scale];
  const [column, row] = placeAt(fitted(framed), middle[0] ?? 0, middle[1] ?? 0);
  const shown = shownSize(framed);
  const share = (length: number, whole: number) =>
    Math.round((length / (whole * lie.scale)) * FINE) / FINE;
  return {
    centre: [Math.round(column * HUNDREDTH) / HUNDREDTH, Math.round(row * HUNDREDTH) / HUNDREDTH],
    field: [share(frame.width, shown.width), share(frame.height, shown.height)],
  };
}

/**
 * How the same is laid in another frame: the same place in the middle, as large as everything that
 * whoever shows has of the picture still stands in it. In a frame of the same size that is the same.
 */
export function lieOf(framed: Framed, { centre, field }: Field): Lie {
  const { frame } = framed;
  const shown = shownSize(framed);
  const [wide, high] = [Math.min(field[0], 1), Math.min(field[1], 1)];
  const wished = Math.min(frame.width / (shown.width * wide), frame.height / (shown.height * high));
  const scale = Math.min(Math.max(wished, 1), MOST);
  const [x, y] = pointOf(fitted(framed), centre);
  return { scale, x: frame.width / 2 - scale * x, y: frame.height / 2 - scale * y };
}
