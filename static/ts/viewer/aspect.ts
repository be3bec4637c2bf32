import { type DicomSet, numbers } from "./dicom";

/**
 * How much higher than wide a pixel is drawn: by its spacing, else by its aspect ratio. Nothing
 * else is made of a spacing here: a camera's is nominal, and a length needs a calibration.
 */
export function aspectOf(set: DicomSet): number {
  const [row = 0, column = 0] = numbers(set, "00280030");
  if (row > 0 && column > 0) {
    return row / column;
  }
  const [high = 0, wide = 0] = numbers(set, "00280034");
  return high > 0 && wide > 0 ? high / wide : 1;
}
