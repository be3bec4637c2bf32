import type { Place } from "../../marks/model";

/** How a picture is shown: places in its pixels, the field in shares of the picture as it is turned. */
export interface View {
  image: string;
  frame: number;
  centre: Place;
  field: Place;
  window: Place | null;
  inverted: boolean;
  red_free: boolean;
  enhanced: boolean;
  quarters: number;
  mirrored: boolean;
}

/** Whose hand or line something is, and on which frame of which picture. */
interface By {
  by: string;
  colour: number;
  image: string;
  frame: number;
}

/** A line that somebody draws. */
export interface Stroke extends By {
  stroke: string;
  points: Place[];
}

/** Where somebody's hand is; nowhere where it has left the picture. */
export interface Hand extends By {
  at: Place | null;
}

/** What a room looks at: nobody shows where `presenter` is empty. */
export interface Showing {
  presenter: string;
  view: View | null;
  strokes: Stroke[];
}

export const NOTHING: Showing = { presenter: "", view: null, strokes: [] };

/** The colours of people's hands and lines, light enough for dark pictures; each has its name beside it. */
const COLOURS = ["#ffd43b", "#66d9e8", "#ff8787", "#8ce99a", "#e599f7", "#ffa94d"];

export function colourOf(at: number): string {
  return COLOURS[at % COLOURS.length] ?? "#ffffff";
}

/** Whether a line or a hand is on the frame that is shown. */
export function isOn(view: View | null, { image, frame }: { image: string; frame: number }) {
  return view !== null && view.image === image && view.frame === frame;
}
