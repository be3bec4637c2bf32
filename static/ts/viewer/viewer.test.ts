import { expect, test } from "vitest";
import { mirrored, rotated, sidesAfter, type Turn, UPRIGHT } from "../lib/turning";
import { turnedStyle } from "../lib/zoom";
import { aspectOf } from "./aspect";
import { treat, WHOLE } from "./colour";
import { atFrame, type DicomSet } from "./dicom";
import { addressOf } from "./drawn";
import { lying, placeAt, pointOf, sizeOf } from "./geometry";
import { isColour, isDrawable } from "./kinds";
import { firstPart, syntaxOf } from "./multipart";
import { toldIn } from "./png";
import { sidesOf } from "./sides";
import { dragged, fractionOf, presetsOfFile, presetsOfHouse, rangeOf, windowOf } from "./windows";

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

const NULL = "\u0000";

test("a PNG tells what stands in it under a word, and nothing of what stands behind its pixels", () => {
  const chunk = (kind: string, data: string) => {
    const size = [0, 0, data.length >> 8, data.length & 255];
    return [...size, ...[...(kind + data)].map((letter) => letter.charCodeAt(0)), 0, 0, 0, 0];
  };
  const png = (...chunks: number[][]) =>
    Uint8Array.from([...Array.from({ length: 8 }, () => 0), ...chunks.flat()]);
  const window = chunk("tEXt", `Window${NULL}40 400 LINEAR`);
  expect(toldIn(png(chunk("IHDR", "x"), window), "Window")).toBe("40 400 LINEAR");
  expect(toldIn(png(chunk("tEXt", `Other${NULL}no`), window), "Window")).toBe("40 400 LINEAR");
  expect(toldIn(png(chunk("IDAT", "x"), window), "Window")).toBe("");
  expect(toldIn(png(), "Window")).toBe("");
});

test("a window of fractions is told with its decimals and dragged within them", () => {
  expect(fractionOf({ lower: 0.0125, upper: 0.94157916 })).toEqual({
    center: 0.477,
    width: 0.9291,
  });
  const wider = dragged({ lower: 0, upper: 0.8 }, 80, 0, { lower: 0, upper: 0.8 });
  expect(wider.upper - wider.lower).toBeCloseTo(0.88);
  const least = dragged({ lower: 0, upper: 0.8 }, -8000, 0, { lower: 0, upper: 0.8 });
  expect(least.upper - least.lower).toBeCloseTo(0.008);
});

test("the server is asked for a frame through the reader's window, or as the file says", () => {
  expect(addressOf("/dicomweb/a", 3)).toBe("/dicomweb/a/frames/3/rendered");
  expect(addressOf("/dicomweb/a", 3, { lower: 0, upper: 0.5 })).toBe(
    "/dicomweb/a/frames/3/rendered?window=0.25,0.5,linear-exact",
  );
});

test("what only the server shows right is left to it, frame by frame", () => {
  const set = (photometric: string, bits: number, more: DicomSet = {}): DicomSet => ({
    "00280004": { vr: "CS", Value: [photometric] },
    "00280100": { vr: "US", Value: [bits] },
    ...more,
  });
  const table = { "00283000": { vr: "SQ", Value: [{}] } };
  expect(isDrawable(set("MONOCHROME2", 16))).toBe(true);
  expect(isDrawable(set("RGB", 8))).toBe(true);
  expect(isDrawable(set("PALETTE COLOR", 8))).toBe(false);
  expect(isDrawable(set("MONOCHROME2", 1))).toBe(false);
  expect(isDrawable(set("MONOCHROME2", 32))).toBe(false);
  expect(isDrawable(set("MONOCHROME2", 16, table))).toBe(false);
  expect(isColour(set("PALETTE COLOR", 8))).toBe(true);
});

const EVERY_TURN: Turn[] = [0, 1, 2, 3].flatMap((quarters) =>
  [false, true].map((isMirrored) => ({ quarters, isMirrored })),
);

test("four quarters, or two mirrors, are none; a mirror changes the sides of the screen", () => {
  expect([1, 2, 3, 4].reduce(rotated, UPRIGHT)).toEqual(UPRIGHT);
  for (const turn of EVERY_TURN) {
    expect(mirrored(mirrored(turn))).toEqual(turn);
    const [top, right, bottom, left] = sidesAfter(["T", "R", "B", "L"], turn);
    expect(sidesAfter(["T", "R", "B", "L"], mirrored(turn))).toEqual([top, left, bottom, right]);
    expect(sidesAfter(["T", "R", "B", "L"], rotated(turn))).toEqual([left, top, right, bottom]);
  }
});

test("however a picture is turned, a point of the screen is its own place and no other", () => {
  const box = { left: 10, top: 20, width: 400, height: 200 };
  const size = { width: 100, height: 50 };
  const cells = { columns: 200, rows: 100 };
  for (const turn of EVERY_TURN) {
    const lie = lying(box, size, cells, turn);
    for (const place of [
      [0, 0],
      [200, 100],
      [30, 70.5],
    ] as const) {
      const [x, y] = pointOf(lie, place);
      const [column, row] = placeAt(lie, x, y);
      expect(column).toBeCloseTo(place[0]);
      expect(row).toBeCloseTo(place[1]);
      expect(x).toBeGreaterThanOrEqual(10);
      expect(x).toBeLessThanOrEqual(410);
      expect(y).toBeGreaterThanOrEqual(20);
      expect(y).toBeLessThanOrEqual(220);
    }
    const each = turn.quarters % 2 === 1 ? 1 : 2;
    expect(sizeOf(lie)).toEqual({ across: each, down: each });
  }
});

test("a quarter turn brings the left side to the top, a mirror the left side to the right", () => {
  const box = { left: 0, top: 0, width: 100, height: 100 };
  const size = { width: 100, height: 100 };
  const at = (turn: Turn) => pointOf(lying(box, size, { columns: 10, rows: 10 }, turn), [1, 2]);
  expect(at(UPRIGHT)).toEqual([10, 20]);
  expect(at({ quarters: 1, isMirrored: false })).toEqual([80, 10]);
  expect(at({ quarters: 0, isMirrored: true })).toEqual([90, 20]);
  expect(at({ quarters: 1, isMirrored: true })).toEqual([80, 90]);
});

test("a turned picture stands whole in its frame", () => {
  const frame = { width: 400, height: 200 };
  const picture = { width: 800, height: 400 };
  expect(turnedStyle(UPRIGHT, frame, picture)).toBe("");
  expect(turnedStyle({ quarters: 1, isMirrored: true }, frame, picture)).toBe(
    " translate(200px, 100px) rotate(90deg) scale(-0.5, 0.5) translate(-200px, -100px)",
  );
});

test("a slice says its sides by how it lies in the body, a film by its letters, others nothing", () => {
  const lies = (values: number[]) => ({ "00200037": { vr: "DS", Value: values } });
  expect(sidesOf(lies([1, 0, 0, 0, 1, 0]))).toEqual(["A", "L", "P", "R"]);
  expect(sidesOf(lies([0, 1, 0, 0, 0, -1]))).toEqual(["H", "P", "F", "A"]);
  expect(sidesOf(lies([0.8, 0.6, 0, 0, 0, -1]))).toEqual(["H", "LP", "F", "RA"]);
  expect(sidesOf({ "00200020": { vr: "CS", Value: ["L", "F"] } })).toEqual(["H", "L", "F", "R"]);
  expect(sidesOf({})).toBeUndefined();
  const photograph = { "00080060": { vr: "CS", Value: ["OP"] } };
  const claimed = { "00200020": { vr: "CS", Value: ["L", "F"] } };
  expect(sidesOf({ ...photograph, ...claimed })).toBeUndefined();
});
