import { bytesOf } from "./fetching";
import { toldIn } from "./png";
import { type Range, rangeOf } from "./windows";

/** A frame as the server drew it, without loss: red, green, blue and one more of each pixel. */
export interface Drawn {
  columns: number;
  rows: number;
  pixels: Uint8ClampedArray;
  /** the window that its values were drawn through; none where there was none, as of a palette */
  range: Range | undefined;
  sizeInBytes: number;
}

const PNG = "image/png";
/** imaging/jail/render.py writes it. */
const WINDOW = "Window";

/** Where a frame is drawn, through a window of the reader's or as the file says. */
export function addressOf(path: string, number: number, range?: Range): string {
  const drawn = `${path}/frames/${number}/rendered`;
  if (range === undefined) {
    return drawn;
  }
  const { lower, upper } = range;
  return `${drawn}?window=${(lower + upper) / 2},${upper - lower},linear-exact`;
}

function rangeIn(png: Uint8Array): Range | undefined {
  const [center, width, form] = toldIn(png, WINDOW).split(" ");
  const range = rangeOf(Number(center), Number(width), form);
  return Number(width) > 0 ? range : undefined;
}

/** Ask the server for a drawing; every pixel of it is one of the frame's. */
export async function drawnAt(address: string): Promise<Drawn> {
  const { bytes } = await bytesOf(address, PNG);
  const bitmap = await createImageBitmap(new Blob([bytes as BlobPart], { type: PNG }), {
    colorSpaceConversion: "none",
  });
  const { width, height } = bitmap;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = pen?.getImageData(0, 0, width, height).data;
  if (pixels === undefined) {
    throw new Error("no canvas");
  }
  const range = rangeIn(bytes);
  return { columns: width, rows: height, pixels, range, sizeInBytes: pixels.length };
}
