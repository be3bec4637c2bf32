import { cache, imageLoader, type Types } from "@cornerstonejs/core";
import { createImage } from "@cornerstonejs/dicom-image-loader";
import { STORED } from "../lib/stocking";
import type { DicomSet } from "./dicom";
import { addressOf, type Drawn, drawnAt } from "./drawn";
import { bytesOf } from "./fetching";
import { firstPart, syntaxOf } from "./multipart";
import { describe, forgetDescribed } from "./provider";
import type { Range } from "./windows";

/** One frame of one object: where it is, and what it says. */
export interface Frame {
  path: string;
  number: number;
  set: DicomSet;
  /** what its values look like is the server's to draw */
  isDrawn: boolean;
}

/** The pixels of a frame: values that are drawn here, or what the server drew. */
export type Pixels = Types.IImage | Drawn;

const SCHEME = "lianzhen";
const EXPLICIT_LE = "1.2.840.10008.1.2.1";
const DECODED = `multipart/related; type="application/octet-stream"; transfer-syntax=${EXPLICIT_LE}`;
const CACHE_BYTES = 512 * 1024 * 1024;

const kept = new Map<string, Promise<Pixels>>();
const sizes = new Map<string, number>();

/** Another case is read: its pictures alone are kept from now on. */
export function forgetFrames(): void {
  kept.clear();
  sizes.clear();
  cache.purgeCache();
  forgetDescribed();
}

/** Cornerstone is handed only what has come and was decoded. */
export function startFrames(): void {
  cache.setMaxCacheSize(CACHE_BYTES);
  imageLoader.registerImageLoader(SCHEME, (imageId: string) => ({
    promise: keep(imageId, load) as Promise<Types.IImage>,
  }));
}

/** A frame that comes is kept while there is room; one that does not may be asked for again. */
function keep(imageId: string, bring: (id: string) => Promise<Pixels>): Promise<Pixels> {
  const image = kept.get(imageId) ?? bring(imageId);
  kept.delete(imageId);
  kept.set(imageId, image);
  image.then(
    ({ sizeInBytes }) => kept.has(imageId) && makeRoom(imageId, sizeInBytes),
    () => kept.delete(imageId),
  );
  return image;
}

/** What was not looked at for the longest time goes first. */
function makeRoom(imageId: string, bytes: number): void {
  sizes.set(imageId, bytes);
  let all = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  for (const id of kept.keys()) {
    if (all <= CACHE_BYTES || id === imageId) {
      return;
    }
    all -= sizes.get(id) ?? 0;
    sizes.delete(id);
    kept.delete(id);
  }
}

function idOf(frame: Frame): string {
  return `${SCHEME}:${frame.path}/frames/${frame.number}`;
}

/** The pixels of a frame in full resolution, through a window if it is drawn; kept for a while. */
export function imageOf(frame: Frame, range?: Range): Promise<Pixels> {
  if (frame.isDrawn) {
    return keep(addressOf(frame.path, frame.number, range), drawnAt);
  }
  const id = idOf(frame);
  describe(id, frame.set);
  return keep(id, load);
}

async function load(imageId: string): Promise<Types.IImage> {
  const path = imageId.slice(SCHEME.length + 1);
  const told = await bytesOf(path, STORED);
  const part = firstPart(told.contentType, told.bytes);
  const syntax = syntaxOf(part.kind) || EXPLICIT_LE;
  try {
    return await decode(imageId, part.bytes, syntax);
  } catch (error) {
    if (syntax === EXPLICIT_LE) {
      throw error;
    }
    // what this browser cannot decode, the server can
    const again = await bytesOf(path, DECODED);
    return decode(imageId, firstPart(again.contentType, again.bytes).bytes, EXPLICIT_LE);
  }
}

async function decode(imageId: string, bytes: Uint8Array, syntax: string): Promise<Types.IImage> {
  const made = await createImage(imageId, bytes as never, syntax, { useRGBA: true });
  return made as unknown as Types.IImage;
}
