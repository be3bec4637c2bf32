import { type DicomSet, number } from "../viewer/dicom";

const USUAL = 10;
const SLOWEST = 1;
const FASTEST = 30;

/**
 * Frames a second: Recommended Display Frame Rate, else Cine Rate, else by Frame Time in
 * milliseconds (PS3.3 C.7.6.5); a usual rate where the file says nothing.
 */
export function rateOf(set: DicomSet): number {
  const time = number(set, "00181063") ?? 0;
  const told = [number(set, "00082144"), number(set, "00180040"), time > 0 ? 1000 / time : 0];
  const rate = told.find((each) => each !== undefined && each > 0) ?? USUAL;
  return Math.min(Math.max(rate, SLOWEST), FASTEST);
}
