import { type DicomSet, has, number, text } from "./dicom";

const LONGEST_SIDE = 8_192;
const COLOURS = ["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"];
const PALETTE = "PALETTE COLOR";
const GREYS = ["MONOCHROME1", "MONOCHROME2"];
/** Tables by which values are shown: what they do is left to the server, which draws them right. */
const TABLES = ["00283000", "00283010"];

/** Whether a frame fits onto a canvas of this page; of a larger one the server's first stands. */
export function isShowable(set: DicomSet, mostPixels: number): boolean {
  const rows = number(set, "00280010") ?? 0;
  const columns = number(set, "00280011") ?? 0;
  const pixels = rows * columns;
  return pixels > 0 && pixels <= mostPixels && Math.max(rows, columns) <= LONGEST_SIDE;
}

/** Whether the values of this object are shown right here; the rest is drawn by the server. */
export function isDrawable(set: DicomSet): boolean {
  const bits = number(set, "00280100") ?? 0;
  const kinds = bits === 8 ? [...COLOURS, ...GREYS] : bits === 16 ? GREYS : [];
  return kinds.includes(text(set, "00280004")) && !TABLES.some((tag) => has(set, tag));
}

export function isColour(set: DicomSet): boolean {
  return [...COLOURS, PALETTE].includes(text(set, "00280004"));
}

/** Whether its values are fractions, of which a window is told with its decimals. */
export function isFractional(set: DicomSet): boolean {
  return (number(set, "00280100") ?? 0) > 16;
}
