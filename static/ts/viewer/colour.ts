import type { Range } from "./windows";

/** A picture in colour as it is decoded: red, green and blue of each pixel, eight bits each. */
export interface Photograph {
  columns: number;
  rows: number;
  pixels: Uint8Array | Uint8ClampedArray;
  /** how many values a pixel has: 3, or 4 where the last is unused */
  stride: number;
}

/** How far contrast may be raised: a published bound, said beside every enhanced picture. */
export interface Bound {
  clip: number;
  tiles: number;
}

/** What is done to a photograph before it is shown. */
export interface Treatment {
  redFree: boolean;
  enhanced: boolean;
  inverted: boolean;
  range: Range;
}

export const WHOLE: Range = { lower: 0, upper: 255 };
const LEVELS = 256;
const AS_TAKEN = Uint8ClampedArray.from({ length: LEVELS }, (_, value) => value);

function tableOf({ range, inverted }: Treatment): Uint8ClampedArray {
  const table = new Uint8ClampedArray(LEVELS);
  const width = Math.max(range.upper - range.lower, 1);
  for (let value = 0; value < LEVELS; value++) {
    const shown = Math.min(Math.max(((value - range.lower) / width) * 255, 0), 255);
    table[value] = inverted ? 255 - shown : shown;
  }
  return table;
}

/** The picture as it is shown; red-free is the green channel as it was decoded, nothing mixed in. */
export function treat(photograph: Photograph, treatment: Treatment, bound: Bound): ImageData {
  const { columns, rows, pixels, stride } = photograph;
  const shown = new ImageData(columns, rows);
  const out = shown.data;
  const table = tableOf(treatment);
  // contrast is raised in the values as they were taken; the window comes after it
  const first = treatment.enhanced ? AS_TAKEN : table;
  const [red, green, blue] = treatment.redFree ? [1, 1, 1] : [0, 1, 2];
  for (let from = 0, to = 0; to < out.length; from += stride, to += 4) {
    out[to] = first[pixels[from + red] as number] as number;
    out[to + 1] = first[pixels[from + green] as number] as number;
    out[to + 2] = first[pixels[from + blue] as number] as number;
    out[to + 3] = 255;
  }
  if (treatment.enhanced) {
    enhance(out, columns, rows, bound);
    turn(out, table);
  }
  return shown;
}

function turn(out: Uint8ClampedArray, table: Uint8ClampedArray): void {
  for (let at = 0; at < out.length; at += 4) {
    out[at] = table[out[at] as number] as number;
    out[at + 1] = table[out[at + 1] as number] as number;
    out[at + 2] = table[out[at + 2] as number] as number;
  }
}

/**
 * Contrast raised tile by tile with a bound on how steep it may become (contrast limited adaptive
 * histogram equalisation). One factor moves all three colours of a pixel, so no hue is made.
 */
function enhance(out: Uint8ClampedArray, columns: number, rows: number, bound: Bound): void {
  const wide = Math.ceil(columns / bound.tiles);
  const high = Math.ceil(rows / bound.tiles);
  const maps = tileMaps(out, { columns, rows, wide, high, bound });
  for (let row = 0; row < rows; row++) {
    const y = Math.max(row / high - 0.5, 0);
    const top = Math.min(Math.floor(y), bound.tiles - 1);
    const below = Math.min(top + 1, bound.tiles - 1);
    for (let column = 0; column < columns; column++) {
      const x = Math.max(column / wide - 0.5, 0);
      const left = Math.min(Math.floor(x), bound.tiles - 1);
      const right = Math.min(left + 1, bound.tiles - 1);
      const at = (row * columns + column) * 4;
      const light = out[at + 1] as number;
      const value = (line: number, place: number) =>
        (maps[line * bound.tiles + place] as Float32Array)[light] as number;
      const upper = value(top, left) * (1 - x + left) + value(top, right) * (x - left);
      const lower = value(below, left) * (1 - x + left) + value(below, right) * (x - left);
      if (light > 0) {
        scale(out, at, (upper * (1 - y + top) + lower * (y - top)) / light);
      }
    }
  }
}

function scale(out: Uint8ClampedArray, at: number, factor: number): void {
  out[at] = (out[at] as number) * factor;
  out[at + 1] = (out[at + 1] as number) * factor;
  out[at + 2] = (out[at + 2] as number) * factor;
}

interface Tiling {
  columns: number;
  rows: number;
  wide: number;
  high: number;
  bound: Bound;
}

function tileMaps(out: Uint8ClampedArray, tiling: Tiling): Float32Array[] {
  const { columns, rows, wide, high, bound } = tiling;
  const maps: Float32Array[] = [];
  for (let line = 0; line < bound.tiles; line++) {
    for (let place = 0; place < bound.tiles; place++) {
      const counts = new Float32Array(LEVELS);
      const bottom = Math.min((line + 1) * high, rows);
      const end = Math.min((place + 1) * wide, columns);
      for (let row = line * high; row < bottom; row++) {
        for (let column = place * wide; column < end; column++) {
          const light = out[(row * columns + column) * 4 + 1] as number;
          counts[light] = (counts[light] as number) + 1;
        }
      }
      maps.push(levelled(counts, bound.clip));
    }
  }
  return maps;
}

/** The level of each value: the clipped histogram, summed; black stays black. */
function levelled(counts: Float32Array, clip: number): Float32Array {
  let total = 0;
  for (let value = 1; value < LEVELS; value++) {
    total += counts[value] as number;
  }
  const map = new Float32Array(LEVELS);
  const most = (clip * total) / (LEVELS - 1);
  let spare = 0;
  for (let value = 1; value < LEVELS; value++) {
    spare += Math.max((counts[value] as number) - most, 0);
  }
  const each = spare / (LEVELS - 1);
  let sum = 0;
  for (let value = 1; value < LEVELS; value++) {
    sum += Math.min(counts[value] as number, most) + each;
    map[value] = total === 0 ? value : (sum / total) * 255;
  }
  return map;
}
