import { type DicomSet, number, numbers, text, texts } from "./dicom";

/** The values from black to white. */
export interface Range {
  lower: number;
  upper: number;
}

/** A window as somebody names it. */
export interface Preset {
  name: string;
  range: Range;
}

/** A window of config/viewing.toml. */
export interface ConfiguredWindow {
  modality: string;
  name: string;
  center: number;
  width: number;
}

const EXACT = "LINEAR_EXACT";
const WIDEST = 1 << 20;

/** What a window shows from black to white (PS3.3 C.11.2.1.2.1, C.11.2.1.3.2). */
export function rangeOf(center: number, width: number, form = "LINEAR"): Range {
  if (form === EXACT) {
    return { lower: center - width / 2, upper: center + width / 2 };
  }
  const half = (Math.max(width, 1) - 1) / 2;
  return { lower: center - 0.5 - half, upper: center - 0.5 + half };
}

/** The same, told as centre and width. */
export function windowOf(range: Range): { center: number; width: number } {
  return {
    center: Math.round((range.lower + range.upper + 1) / 2),
    width: Math.round(range.upper - range.lower + 1),
  };
}

/** The same of fractions, with four digits that count. */
export function fractionOf({ lower, upper }: Range): { center: number; width: number } {
  const short = (value: number) => Number(value.toPrecision(4));
  return { center: short((lower + upper) / 2), width: short(upper - lower) };
}

/** The windows that the file gives, by their own names. */
export function presetsOfFile(set: DicomSet, unnamed: string): Preset[] {
  const centers = numbers(set, "00281050");
  const widths = numbers(set, "00281051");
  const names = texts(set, "00281055");
  const form = text(set, "00281056");
  return centers.flatMap((center, at) => {
    const width = widths[at];
    const name = names[at] || (centers.length > 1 ? `${unnamed} ${at + 1}` : unnamed);
    return width === undefined || width <= 0 ? [] : [{ name, range: rangeOf(center, width, form) }];
  });
}

/** The windows that the house keeps for a kind of image in true units; no other kind has any. */
export function presetsOfHouse(set: DicomSet, kept: ConfiguredWindow[]): Preset[] {
  const inUnits = number(set, "00281052") !== undefined;
  return kept
    .filter((each) => inUnits && each.modality === text(set, "00080060"))
    .map(({ name, center, width }) => ({ name, range: rangeOf(center, width) }));
}

/** A pointer that goes right makes the window wider, one that goes down makes the picture darker. */
export function dragged(range: Range, x: number, y: number, full: Range): Range {
  const span = full.upper - full.lower || 1;
  const step = span / 800;
  const least = Math.min(span / 100, 1);
  const width = Math.min(Math.max(range.upper - range.lower + x * step, least), WIDEST);
  const middle = (range.lower + range.upper) / 2 + y * step;
  return { lower: middle - width / 2, upper: middle + width / 2 };
}
