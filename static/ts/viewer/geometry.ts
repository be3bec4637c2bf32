import { isLying, type Turn, UPRIGHT } from "../lib/turning";

/** A place in a picture: 0\0 is the top left corner of its first pixel (PS3.3 C.18.6.1.1). */
type Place = readonly [column: number, row: number];
/** So far to the right and so far down on the screen. */
type Way = [x: number, y: number];

/** How a picture lies on the screen: where its corner is, and where one step across and down leads. */
export interface Lying {
  x: number;
  y: number;
  across: Way;
  down: Way;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** To where a step to the right leads after so many quarters of a turn clockwise. */
const RIGHT: Way[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/** How a picture of this size lies in the box of its element, which holds it whole in its middle. */
export function lying(
  box: Box,
  size: { width: number; height: number },
  cells: { columns: number; rows: number },
  turn: Turn = UPRIGHT,
): Lying {
  const [width, height] = isLying(turn) ? [size.height, size.width] : [size.width, size.height];
  const scale = Math.min(box.width / width, box.height / height);
  const wide = ((size.width * scale) / cells.columns) * (turn.isMirrored ? -1 : 1);
  const high = (size.height * scale) / cells.rows;
  const [x, y] = RIGHT[turn.quarters] ?? [1, 0];
  const across: Way = [wide * x, wide * y];
  const down: Way = [-high * y, high * x];
  return {
    x: box.left + (box.width - across[0] * cells.columns - down[0] * cells.rows) / 2,
    y: box.top + (box.height - across[1] * cells.columns - down[1] * cells.rows) / 2,
    across,
    down,
  };
}

/** The picture's place under a point of the screen. */
export function placeAt({ x, y, across, down }: Lying, screenX: number, screenY: number): Place {
  const [right, below] = [screenX - x, screenY - y];
  const area = across[0] * down[1] - across[1] * down[0];
  const column = (right * down[1] - below * down[0]) / area;
  const row = (across[0] * below - across[1] * right) / area;
  return [column + 0, row + 0];
}

/** The point of the screen where a place of the picture is. */
export function pointOf({ x, y, across, down }: Lying, [column, row]: Place): Place {
  return [x + column * across[0] + row * down[0], y + column * across[1] + row * down[1]];
}

/** How many screen pixels one pixel of the picture takes, along its rows and its columns. */
export function sizeOf({ across, down }: Lying): { across: number; down: number } {
  return { across: Math.hypot(...across), down: Math.hypot(...down) };
}
