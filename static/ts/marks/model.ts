/** A place in a picture: 0\0 is the top left corner of its top left pixel (PS3.3 C.18.6.1.1). */
export type Place = readonly [column: number, row: number];

export type Tool =
  | "point"
  | "arrow"
  | "length"
  | "angle"
  | "rectangle"
  | "ellipse"
  | "polygon"
  | "freehand"
  | "text"
  | "disc";

/** One mark, as the server keeps it: `eye` is told by the server. */
export interface Mark {
  id: string;
  tool: Tool;
  image_id: string;
  frame: number;
  points: readonly Place[];
  label: string;
  lesion: string | null;
  eye: string | null;
}

/** What stands on a sheet; it is never changed, only replaced. */
export interface Drawing {
  readonly marks: readonly Mark[];
  readonly key_images: readonly string[];
}

/** One reader's sheet as the server tells it. */
export interface Sheet extends Drawing {
  author: { id: string; name: string; name_en: string };
  is_mine: boolean;
  revision: number;
  saved_at: string | null;
}

export interface Lesion {
  code: string;
  zh: string;
  en: string;
  short: string;
  colour: string;
  key: string;
}

/** A picture on which may be drawn: its size in pixels, and how large one is where the file says so. */
export interface Picture {
  image: string;
  columns: number;
  rows: number;
  spacing: Spacing | null;
}

/** Millimetres from one pixel's centre to the next. */
export interface Spacing {
  row: number;
  column: number;
}

export const MOST_MARKS = 500;
export const MOST_KEY_IMAGES = 12;
export const AREAS: readonly Tool[] = ["rectangle", "ellipse", "polygon", "disc"];
export const ROUND: readonly Tool[] = ["ellipse", "disc"];
/** What is drawn in one stroke from a press to its release. */
export const DRAGGED: readonly Tool[] = ["arrow", "length", "rectangle", "ellipse", "disc"];

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ID_LENGTH = 26;

/** A name that no other mark has. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_LENGTH));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

function essence(mark: Mark): unknown[] {
  const { id, tool, image_id, frame, points, label, lesion } = mark;
  return [id, tool, image_id, frame, points, label.normalize("NFC"), lesion];
}

/** Whether two sheets hold the same: the eyes are the server's, and no difference. */
export function isSame(one: Drawing, other: Drawing): boolean {
  const told = ({ marks, key_images }: Drawing) => JSON.stringify([marks.map(essence), key_images]);
  return told(one) === told(other);
}
