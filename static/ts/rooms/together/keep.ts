import { send } from "../../lib/api";
import { type Mark, MOST_MARKS, newId, type Picture, type Sheet } from "../../marks/model";
import { within } from "../../marks/shapes";
import { markOf } from "./board";
import type { Stroke } from "./model";

const TRIES = 3;
const LEAST_POINTS = 3;

/** What came of it. */
export type Kept = "kept" | "none" | "full" | "failed";

/** The lines as marks of whoever keeps them; whose hand it was stands beside those of others. */
export function marksOf(
  strokes: Stroke[],
  pictureOf: (image: string) => Picture | undefined,
  labelOf: (person: string) => string,
): Mark[] {
  return strokes.flatMap((stroke) => {
    const picture = pictureOf(stroke.image);
    if (picture === undefined || stroke.points.length < LEAST_POINTS) {
      return [];
    }
    const points = stroke.points.map((place) => within(place, picture));
    const facts = { id: newId(), tool: "freehand" as const, label: labelOf(stroke.by) };
    return [markOf({ ...stroke, points }, facts)];
  });
}

/** Put marks on the reader's own sheet as it is with the server; another window's are never lost. */
export async function keepMarks(url: string, marks: Mark[]): Promise<Kept> {
  let how: Kept | "moved" = marks.length === 0 ? "none" : "moved";
  for (let tried = 0; how === "moved" && tried < TRIES; tried += 1) {
    how = await addOnce(url, marks);
  }
  return how === "moved" ? "failed" : how;
}

async function addOnce(url: string, marks: Mark[]): Promise<Kept | "moved"> {
  const found = await send(url, { method: "GET" });
  const sheets = found.kind === "done" ? (found.data.sheets as Sheet[]) : [];
  const sheet = sheets.find(({ is_mine }) => is_mine);
  if (sheet === undefined) {
    return "failed";
  }
  const all = [...sheet.marks, ...marks];
  if (all.length > MOST_MARKS) {
    return "full";
  }
  const body = { revision: sheet.revision, marks: all, key_images: sheet.key_images };
  const answer = await send(url, { method: "PUT", body });
  if (answer.kind === "done") {
    return "kept";
  }
  const isMoved = answer.kind === "problem" && answer.problem.code === "marks-moved-on";
  return isMoved ? "moved" : "failed";
}
