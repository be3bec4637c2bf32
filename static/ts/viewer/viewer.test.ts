import { expect, test } from "vitest";
import { aspectOf } from "./aspect";
import { treat, WHOLE } from "./colour";
import { atFrame, type DicomSet } from "./dicom";
import { lying, placeAt } from "./geometry";
import { firstPart, syntaxOf } from "./multipart";
import { dragged, presetsOfFile, presetsOfHouse, rangeOf, windowOf } from "./windows";

test("a pixel is as high as its spacing or its aspect ratio says", () => {
  expect(aspectOf({ "00280030": { vr: "DS", Value: [0.5, 0.25] } })).toBe(2);
  expect(aspectOf({ "00280034": { vr: "IS", Value: [3, 2] } })).toBe(1.5);
  expect(aspectOf({})).toBe(1);
});

test("a frame's own groups hold before those that all share", () => {
  const item = (value: number) => ({ "00281050": { vr: "DS", Value: [value] } });
  const group = (value: number) => ({ "00289132": { vr: "SQ", Value: [item(value)] } });
  const set: DicomSet = {
    "52009229": { vr: "SQ", Value: [group(1)] },
    "52009230": { vr: "SQ", Value: [{}, group(7)] },
  };
  expect(atFrame(set, 1)["00281050"]?.Value).toEqual([1]);
  expect(atFrame(set, 2)["00281050"]?.Value).toEqual([7]);
  expect(set["00281050"]).toBeUndefined();
});

test("a window is the standard's, told back as it was given", () => {
  expect(rangeOf(40, 400)).toEqual({ lower: -160, upper: 239 });
  expect(rangeOf(40, 400, "LINEAR_EXACT")).toEqual({ lower: -160, upper: 240 });
  expect(windowOf(rangeOf(-600, 1500))).toEqual({ center: -600, width: 1500 });
});

test("windows of the file stand by their names, those of the house only for values in true units", () => {
  const set: DicomSet = {
    "00080060": { vr: "CS", Value: ["CT"] },
    "00281050": { vr: "DS", Value: [40, -600] },
    "00281051": { vr: "DS", Value: [400, 1500] },
    "00281055": { vr: "LO", Value: ["SOFT"] },
  };
  const kept = [
    { modality: "CT", name: "Bone", center: 400, width: 1800 },
    { modality: "MR", name: "Other", center: 1, width: 2 },
  ];
  expect(presetsOfFile(set, "File").map(({ name }) => name)).toEqual(["SOFT", "File 2"]);
  expect(presetsOfHouse(set, kept)).toEqual([]);
  const inUnits = { ...set, "00281052": { vr: "DS", Value: [-1024] } };
  expect(presetsOfHouse(inUnits, kept).map(({ name }) => name)).toEqual(["Bone"]);
});

test("dragging right widens, dragging down darkens, and a window never vanishes", () => {
  const full = { lower: 0, upper: 800 };
  expect(dragged({ lower: 100, upper: 200 }, 20, 0, full)).toEqual({ lower: 90, upper: 210 });
  expect(dragged({ lower: 100, upper: 200 }, 0, 50, full)).toEqual({ lower: 150, upper: 250 });
  const least = dragged({ lower: 100, upper: 200 }, -5000, 0, full);
  expect(least.upper - least.lower).toBe(1);
});

function photograph(pixels: number[]) {
  return { columns: 2, rows: 1, pixels: Uint8Array.from(pixels), stride: 3 };
}

const PLAIN = { redFree: false, enhanced: false, inverted: false, range: WHOLE };
const BOUND = { clip: 2, tiles: 1 };

test("red-free is the green channel alone, inverted is its opposite", () => {
  const taken = photograph([10, 20, 30, 200, 100, 50]);
  const bytes = (more: Partial<typeof PLAIN>) => [
    ...treat(taken, { ...PLAIN, ...more }, BOUND).data,
  ];
  expect(bytes({})).toEqual([10, 20, 30, 255, 200, 100, 50, 255]);
  expect(bytes({ redFree: true })).toEqual([20, 20, 20, 255, 100, 100, 100, 255]);
  expect(bytes({ inverted: true }).slice(0, 4)).toEqual([245, 235, 225, 255]);
});

test("enhancing is bounded: no step of light becomes steeper than the bound, black stays black", () => {
  const ramp = Array.from({ length: 256 }, (_, at) => [at, at, at]).flat();
  const taken = { columns: 256, rows: 1, pixels: Uint8Array.from(ramp), stride: 3 };
  const out = treat(taken, { ...PLAIN, enhanced: true }, { clip: 2, tiles: 2 }).data;
  const greens = Array.from({ length: 256 }, (_, at) => out[at * 4 + 1] as number);
  const narrow = { ...taken, pixels: Uint8Array.from(ramp.map((value) => 100 + (value >> 6))) };
  const shown = treat(narrow, { ...PLAIN, enhanced: true }, { clip: 2, tiles: 1 }).data;
  const steps = [0, 64, 128].map(
    (at) => (shown[(at + 64) * 4 + 1] ?? 0) - (shown[at * 4 + 1] ?? 0),
  );
  expect(greens[0]).toBe(0);
  expect(Math.max(...steps)).toBeLessThanOrEqual(4);
});

test("the place under a point of the screen is told corner for corner", () => {
  const box = { left: 10, top: 20, width: 400, height: 200 };
  const lie = lying(box, { width: 100, height: 100 }, { columns: 100, rows: 50 });
  expect(placeAt(lie, 110, 20)).toEqual([0, 0]);
  expect(placeAt(lie, 310, 220)).toEqual([100, 50]);
  expect(placeAt(lie, 210, 120)).toEqual([50, 25]);
});

test("the one part of an answer is taken out byte for byte", () => {
  const head = "--b1\r\nContent-Type: image/jls; transfer-syntax=1.2.840.10008.1.2.4.80\r\n\r\n";
  const text = `${head}\r\n--b0\r\n--b1--\r\n`;
  const part = firstPart("multipart/related; boundary=b1", new TextEncoder().encode(text));
  expect(new TextDecoder().decode(part.bytes)).toBe("\r\n--b0");
  expect(syntaxOf(part.kind)).toBe("1.2.840.10008.1.2.4.80");
  const cut = new TextEncoder().encode(head);
  expect(() => firstPart("multipart/related; boundary=b1", cut)).toThrow("not one part");
});
