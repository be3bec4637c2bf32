import { expect, test } from "vitest";
import { sparse } from "./labels";

const DAYS = Array.from({ length: 31 }, (_each, place) => `${place + 1}`);
const PLACES = DAYS.map((_day, place) => place);

test("where there is room, every day has its number", () => {
  expect(sparse(DAYS, PLACES, 1240)).toEqual(DAYS);
});

test("on a phone, days in between have none and the first one keeps its own", () => {
  const told = sparse(DAYS, PLACES, 320);
  expect(told[0]).toBe("1");
  expect(told[1]).toBe("");
  expect(told.filter((label) => label !== "").length).toBeGreaterThan(3);
});
