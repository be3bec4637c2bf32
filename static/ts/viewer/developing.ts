import type { Types } from "@cornerstonejs/core";
import { type Bound, type Photograph, type Treatment, treat } from "./colour";
import type { Order, Treated } from "./colour_worker";

const PATIENCE_MS = 20_000;

type Waiting = (treated: ArrayBuffer | undefined) => void;

const waiting = new Map<number, Waiting>();
let worker: Worker | undefined;
let isBroken = false;
let orders = 0;

/** The values of a decoded picture in colour. */
export function photographOf(image: Types.IImage): Photograph {
  const { columns, rows } = image;
  const pixels = image.getPixelData() as Uint8Array;
  return { columns, rows, pixels, stride: Math.round(pixels.length / (columns * rows)) };
}

/**
 * A photograph as it is to be shown. Contrast is raised by a worker, which then does the rest as well:
 * of twelve million pixels it takes a second, in which the page has other things to do. Where no
 * worker answers, the page does it.
 */
export async function develop(
  photograph: Photograph,
  treatment: Treatment,
  bound: Bound,
): Promise<ImageData> {
  if (!treatment.enhanced && worker === undefined) {
    // the first picture waits for no worker
    return treat(photograph, treatment, bound);
  }
  const { columns, rows } = photograph;
  const bytes = await order(photograph, treatment, bound);
  return bytes === undefined
    ? treat(photograph, treatment, bound)
    : new ImageData(new Uint8ClampedArray(bytes), columns, rows);
}

function order(photograph: Photograph, treatment: Treatment, bound: Bound) {
  const hand = start();
  if (hand === undefined) {
    return undefined;
  }
  orders += 1;
  const number = orders;
  const { redFree, enhanced, inverted, range } = treatment;
  // the page keeps its own: what is handed over is a copy, and only of what the picture has
  const pixels = photograph.pixels.slice();
  const asked: Order = {
    number,
    photograph: { ...photograph, pixels },
    treatment: { redFree, enhanced, inverted, range },
    bound,
  };
  return new Promise<ArrayBuffer | undefined>((resolve) => {
    const late = window.setTimeout(giveUp, PATIENCE_MS);
    waiting.set(number, (treated) => {
      window.clearTimeout(late);
      resolve(treated);
    });
    hand.postMessage(asked, [pixels.buffer as ArrayBuffer]);
  });
}

function start(): Worker | undefined {
  if (worker === undefined && !isBroken) {
    try {
      worker = new Worker(new URL("./colour_worker.ts", import.meta.url), { type: "module" });
    } catch {
      isBroken = true;
      return undefined;
    }
    worker.addEventListener("message", ({ data }: MessageEvent<Treated>) => {
      take(data.number)?.(data.bytes);
    });
    worker.addEventListener("error", giveUp);
  }
  return worker;
}

function take(number: number): Waiting | undefined {
  const found = waiting.get(number);
  waiting.delete(number);
  return found;
}

/** It did not come, or does not answer: the page treats what it was asked for, and all that follows. */
function giveUp(): void {
  isBroken = true;
  worker?.terminate();
  worker = undefined;
  for (const number of [...waiting.keys()]) {
    take(number)?.(undefined);
  }
}
