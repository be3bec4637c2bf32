import { expect, test } from "vitest";
import { endingOf, waitBefore } from "./endings";

test.each([
  ["over", 1000, "ended"],
  ["taken-over", 1000, "taken-over"],
  ["out", 1000, "removed"],
  ["out", 1006, "removed"],
  ["out", 4403, ""],
  ["refused", 4409, ""],
  ["refused", 4409, "taken-over"],
  ["again", 1006, ""],
  ["again", 1006, "taken-over"],
  ["again", 1001, "people"],
  ["again", 1011, "people"],
])("the call is %s when its line closes with %i after the word '%s'", (ending, code, last) => {
  expect(endingOf(code, last)).toBe(ending);
});

test("each failure doubles the wait, and nobody waits for more than a second", () => {
  expect([0, 1, 2, 3, 4, 2000].map(waitBefore)).toEqual([250, 500, 1000, 1000, 1000, 1000]);
});
