import { expect, test } from "vitest";
import { rateOf } from "./cine";
import { filmsOf, type PriorPicture, pick } from "./priors";

function picture(id: string, side: string, field: string, series = "1"): PriorPicture {
  const instance = `/dicomweb/a/studies/1/series/${series}/instances/${id}`;
  return {
    id,
    side,
    field,
    instance,
    day: "2025-11-03",
    label: id,
    caption: id,
    frames: 1,
    preview: `${instance}/rendered`,
  };
}

const SHOWN = [
  picture("1", "R", "disc_centred"),
  picture("2", "R", "macula_centred"),
  picture("3", "L", "disc_centred"),
  picture("4", "", "other", "2"),
  picture("5", "", "other", "2"),
  picture("6", "", "other", "3"),
];

test("beside a field stands the same eye's same field", () => {
  expect(pick(SHOWN, { side: "R", field: "macula_centred" })?.id).toBe("2");
});

test("another field of the same eye stands in where that one was not taken", () => {
  expect(pick(SHOWN, { side: "L", field: "macula_centred" })?.id).toBe("3");
});

test("another eye never stands in", () => {
  const right = SHOWN.filter(({ side }) => side === "R");
  expect(pick(right, { side: "L", field: "macula_centred" })).toBeUndefined();
});

test("a photograph stands alone, and slices with their whole series", () => {
  const button = document.createElement("div");
  const [first, , , slice] = SHOWN;
  const alone = first === undefined ? [] : filmsOf(first, SHOWN, button);
  const stack = slice === undefined ? [] : filmsOf(slice, SHOWN, button);
  expect(alone.map(({ id }) => id)).toEqual(["1"]);
  expect(stack.map(({ id }) => id)).toEqual(["4", "5"]);
});

test("a stack is played at the rate that its file recommends, within bounds", () => {
  const is = (Value: number[]) => ({ vr: "DS", Value });
  expect(rateOf({})).toBe(10);
  expect(rateOf({ "00181063": is([40]) })).toBe(25);
  expect(rateOf({ "00181063": is([40]), "00180040": is([12]) })).toBe(12);
  expect(rateOf({ "00180040": is([12]), "00082144": is([15]) })).toBe(15);
  expect(rateOf({ "00181063": is([0]) })).toBe(10);
  expect(rateOf({ "00082144": is([400]) })).toBe(30);
});
