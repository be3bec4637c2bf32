import { METADATA } from "../lib/stocking";
import { atFrame, type DicomSet, number, numbers, text } from "./dicom";
import { bytesOf } from "./fetching";
import type { Frame } from "./frames";
import { isDrawable } from "./kinds";
import type { Spot } from "./standing";

/** A picture of the strip, as the page tells it. */
export interface Film {
  id: string;
  shot: string;
  side: string;
  path: string;
  frames: number;
  button: HTMLElement;
  /** whether the server draws it for this person, who may not have the object's own bytes */
  isDrawn?: boolean;
}

const told = new Map<string, Promise<DicomSet[]>>();

/** Another case is read: what was told of this one is forgotten. */
export function forgetFilms(): void {
  told.clear();
}

export function filmOf(button: HTMLElement): Film {
  const { film = "", shot = "", side = "", instance = "", frames = "1" } = button.dataset;
  const isDrawn = button.dataset.drawn === "true";
  return { id: film, shot, side, path: instance, frames: Number(frames), button, isDrawn };
}

async function read(path: string): Promise<DicomSet[]> {
  const { bytes } = await bytesOf(path, METADATA);
  return JSON.parse(new TextDecoder().decode(bytes)) as DicomSet[];
}

/** What a path of ours says of its objects; asked once, and again after a failure. */
function setsAt(path: string): Promise<DicomSet[]> {
  const known = told.get(path) ?? read(path);
  told.set(path, known);
  known.catch(() => told.delete(path));
  return known;
}

function uidOf(film: Film): string {
  return decodeURIComponent(film.path.split("/").at(-1) ?? "");
}

/** What each film says: one question for a stack, whose films are one series. */
async function setsOf(films: Film[]): Promise<Map<string, DicomSet>> {
  const [first] = films;
  if (first === undefined) {
    return new Map();
  }
  const path = films.length > 1 ? first.path.replace(/\/instances\/[^/]+$/, "") : first.path;
  const sets = await setsAt(`${path}/metadata`);
  return new Map(sets.map((set) => [text(set, "00080018"), set]));
}

/** Where a slice lies along the normal of its plane (PS3.3 C.7.6.2.1.1); none where it does not say. */
function depthOf(set: DicomSet): number | undefined {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f] = numbers(set, "00200037");
  const [x = 0, y = 0, z] = numbers(set, "00200032");
  if (f === undefined || z === undefined) {
    return undefined;
  }
  return x * (b * f - c * e) + y * (c * d - a * f) + z * (a * e - b * d);
}

interface Placed {
  film: Film;
  set: DicomSet;
}

/** Slices in the order of the body where they say where they lie, else by their numbers. */
function inOrder(placed: Placed[]): Placed[] {
  const depths = placed.map(({ set }) => depthOf(atFrame(set, 1)));
  const isDeep = new Set(depths).size === placed.length && !depths.includes(undefined);
  const rank = ({ set }: Placed, at: number) =>
    isDeep ? (depths[at] ?? 0) : (number(set, "00200013") ?? at);
  return placed
    .map((each, at) => ({ each, rank: rank(each, at) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ each }) => each);
}

function frameOf({ path, isDrawn = false }: Film, number: number, set: DicomSet): Frame {
  return { path, number, set, isDrawn: isDrawn || !isDrawable(set) };
}

/** Every frame of the films of one place on the page, in the order in which they are scrolled. */
export async function spotsOf(films: Film[]): Promise<Spot[]> {
  const sets = await setsOf(films);
  const placed = films.flatMap((film) => {
    const set = sets.get(uidOf(film));
    return set === undefined ? [] : [{ film, set }];
  });
  return inOrder(placed).flatMap(({ film, set }) =>
    Array.from({ length: film.frames }, (_, at) => ({
      film: film.id,
      frames: film.frames,
      frame: frameOf(film, at + 1, atFrame(set, at + 1)),
    })),
  );
}
