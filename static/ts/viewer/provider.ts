import { metaData } from "@cornerstonejs/core";
import { type DicomSet, number, numbers, text } from "./dicom";

type Modules = Record<string, unknown>;

const known = new Map<string, Modules>();
const FIRST = 10_000;

/**
 * What Cornerstone is told of a frame. It draws in the picture's own pixels: orientation and
 * spacing are always those of a plain grid, so that no unit of its own can be shown.
 */
export function describe(imageId: string, set: DicomSet): void {
  const rows = number(set, "00280010") ?? 0;
  const columns = number(set, "00280011") ?? 0;
  known.set(imageId, {
    imagePixelModule: {
      samplesPerPixel: number(set, "00280002") ?? 1,
      photometricInterpretation: text(set, "00280004"),
      planarConfiguration: number(set, "00280006") ?? 0,
      rows,
      columns,
      bitsAllocated: number(set, "00280100") ?? 8,
      bitsStored: number(set, "00280101") ?? 8,
      highBit: number(set, "00280102") ?? 7,
      pixelRepresentation: number(set, "00280103") ?? 0,
    },
    imagePlaneModule: {
      rows,
      columns,
      frameOfReferenceUID: imageId,
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      imagePositionPatient: [0, 0, 0],
      rowCosines: [1, 0, 0],
      columnCosines: [0, 1, 0],
      pixelSpacing: [1, 1],
      rowPixelSpacing: 1,
      columnPixelSpacing: 1,
    },
    voiLutModule: {
      windowCenter: numbers(set, "00281050"),
      windowWidth: numbers(set, "00281051"),
      voiLUTFunction: [],
    },
    modalityLutModule: {
      rescaleSlope: number(set, "00281053"),
      rescaleIntercept: number(set, "00281052"),
    },
    generalSeriesModule: { modality: text(set, "00080060") },
    sopCommonModule: { sopClassUID: text(set, "00080016") },
  });
}

let isStarted = false;

/** Another case is read: what was told of its frames is forgotten. */
export function forgetDescribed(): void {
  known.clear();
}

export function startProvider(): void {
  if (isStarted) {
    return;
  }
  isStarted = true;
  metaData.addProvider((kind: string, imageId: string) => known.get(imageId)?.[kind], FIRST);
}
