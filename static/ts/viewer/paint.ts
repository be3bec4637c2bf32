import { aspectOf } from "./aspect";
import { type Bound, WHOLE } from "./colour";
import { develop, photographOf } from "./developing";
import type { Drawn } from "./drawn";
import { type Frame, imageOf, type Pixels } from "./frames";
import { isColour, isFractional } from "./kinds";
import type { LookState } from "./look";
import type { Press } from "./press";
import type { Preset, Range } from "./windows";

/** What pictures are painted with. */
export interface Paints {
  press: Press;
  bound: Bound;
}

function isDrawn(pixels: Pixels): pixels is Drawn {
  return "sizeInBytes" in pixels && "pixels" in pixels;
}

/** From black to white of all that these pixels hold; of drawn ones the window they came through. */
export function spanOf(pixels: Pixels, frame: Frame): Range | undefined {
  if (isColour(frame.set)) {
    return WHOLE;
  }
  if (isDrawn(pixels)) {
    return pixels.range;
  }
  return { lower: pixels.minPixelValue, upper: pixels.maxPixelValue };
}

/** A photograph as it is; what is drawn through the window that it came through; else a preset. */
export function beginningOf(pixels: Pixels, frame: Frame, presets: Preset[]): Range {
  const { lower, upper } = spanOf(pixels, frame) ?? WHOLE;
  const own = isColour(frame.set) || isDrawn(pixels) ? undefined : presets[0]?.range;
  return own ?? { lower, upper: isFractional(frame.set) ? upper : Math.max(upper, lower + 1) };
}

/** What the server drew through the reader's own window, where she chose one; else what is here. */
export async function throughWindow(
  pixels: Pixels,
  frame: Frame,
  look: LookState,
): Promise<Pixels> {
  const isAsked = isDrawn(pixels) && look.isChosen && !isColour(frame.set);
  return isAsked ? imageOf(frame, look.range) : pixels;
}

/** Where a picture is painted, and whether it is wanted there when it is ready. */
interface Onto {
  canvas: HTMLCanvasElement;
  isStill: () => boolean;
}

/** Put a picture onto its canvas as it is to look. */
export async function paint(
  pixels: Pixels,
  frame: Frame,
  look: LookState,
  { press, bound }: Paints,
  onto: Onto,
): Promise<void> {
  const height = Math.max(Math.round(pixels.rows * aspectOf(frame.set)), 1);
  if (isDrawn(pixels)) {
    const isGrey = !isColour(frame.set);
    const kept = { redFree: false, enhanced: false, inverted: look.inverted, range: WHOLE };
    const { columns, rows } = pixels;
    const photograph = { columns, rows, pixels: pixels.pixels, stride: 4 };
    const shown = await develop(photograph, isGrey ? kept : look, bound);
    await put(shown, onto, isGrey ? height : rows);
  } else if (pixels.color) {
    await put(await develop(photographOf(pixels), look, bound), onto, pixels.rows);
  } else {
    const { range, inverted } = look;
    await press.print(pixels, { range, inverted }, onto.canvas, height);
  }
}

async function put(shown: ImageData, { canvas, isStill }: Onto, height: number): Promise<void> {
  const isSquare = height === shown.height;
  const stretched = isSquare ? undefined : await createImageBitmap(shown);
  if (isStill()) {
    if (canvas.width !== shown.width || canvas.height !== height) {
      canvas.width = shown.width;
      canvas.height = height;
    }
    const pen = canvas.getContext("2d");
    if (stretched === undefined) {
      pen?.putImageData(shown, 0, 0);
    } else {
      pen?.drawImage(stretched, 0, 0, canvas.width, height);
    }
  }
  stretched?.close();
}
