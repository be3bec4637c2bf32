import { expect, test } from "vitest";
import { clockText, nextRecorded, placeIn, rateFor } from "./timeline";

test("a track is heard only where it lies", () => {
  const span = { startsMs: 1000, lengthMs: 500 };
  expect([999, 1000, 1499, 1500].map((at) => placeIn(span, at))).toEqual([
    undefined,
    0,
    499,
    undefined,
  ]);
});

test("what was not recorded is passed over, and the end is an end", () => {
  const stretches: [number, number][] = [
    [0, 2000],
    [5000, 6000],
  ];
  expect([0, 1999, 2000, 5500, 6000].map((at) => nextRecorded(stretches, at))).toEqual([
    0,
    1999,
    5000,
    5500,
    undefined,
  ]);
});

test("a file that is ahead runs slower, one far off jumps", () => {
  expect([0, 25, 40, -40, 401, -401].map(rateFor)).toEqual([1, 1, 0.92, 1.08, 0, 0]);
});

test("time is told with hours where there are any", () => {
  expect([-5, 0, 61_000, 3_600_000].map(clockText)).toEqual([
    "00:00",
    "00:00",
    "01:01",
    "01:00:00",
  ]);
});
