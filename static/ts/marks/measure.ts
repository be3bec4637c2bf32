import type { Mark, Place, Spacing } from "./model";

/** How a number of pixels is said in the reader's language. */
type Say = (pixels: string) => string;

function sum(points: readonly Place[], { row, column }: Spacing): number {
  let length = 0;
  for (const [at, [x, y]] of points.entries()) {
    const [nextX, nextY] = points[at + 1] ?? [x, y];
    length += Math.hypot((nextX - x) * column, (nextY - y) * row);
  }
  return length;
}

const PIXELS: Spacing = { row: 1, column: 1 };

/** The angle at the middle one of three points; the patient's where the pixel's size is known. */
function degreesAt(points: readonly Place[], { row, column }: Spacing): number {
  const [one = [0, 0], top = [0, 0], other = [0, 0]] = points;
  const direction = ([x, y]: Place) => Math.atan2((y - top[1]) * row, (x - top[0]) * column);
  const whole = Math.abs(((direction(other) - direction(one)) * 180) / Math.PI) % 360;
  return Math.min(whole, 360 - whole);
}

/** The unit of a fundus photograph: the mean of the two axes of the optic disc. */
function discOf(mark: Mark, marks: readonly Mark[]): number {
  const disc = marks.find(
    ({ tool, image_id, frame }) =>
      tool === "disc" && image_id === mark.image_id && frame === mark.frame,
  );
  const points = disc?.points ?? [];
  return (sum(points.slice(0, 2), PIXELS) + sum(points.slice(2, 4), PIXELS)) / 2;
}

/**
 * What a line or an angle measures: millimetres only where the server says how large a pixel is, else
 * disc diameters once the reader has set the disc of this picture, else pixels (as the paper has it).
 */
export function measured(
  mark: Mark,
  marks: readonly Mark[],
  spacing: Spacing | null,
  say: Say,
): string {
  if (mark.tool === "angle") {
    return mark.points.length < 3 ? "" : `${degreesAt(mark.points, spacing ?? PIXELS).toFixed(1)}°`;
  }
  if (mark.tool !== "length") {
    return "";
  }
  if (spacing !== null) {
    return `${sum(mark.points, spacing).toFixed(1)} mm`;
  }
  const disc = discOf(mark, marks);
  const pixels = sum(mark.points, PIXELS);
  return disc > 0 ? `${(pixels / disc).toFixed(2)} DD` : say(pixels.toFixed(1));
}
