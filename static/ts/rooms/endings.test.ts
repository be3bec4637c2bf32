import { expect, test } from "vitest";
import { endingOf, sentenceOf, waitBefore } from "./endings";

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

test.each([
  ["room-full", "refused", "room-full"],
  ["rooms-full", "refused", "rooms-full"],
  ["rooms-broken", "refused", "rooms-broken"],
  ["room-crowded", "refused", "room-crowded"],
  ["refused", "refused", "token-expired"],
  ["refused", "refused", ""],
  ["over", "over", "room-full"],
  ["left", "left", ""],
] as const)("the sentence is '%s' for a call that is %s with the code '%s'", (said, why, code) => {
  expect(sentenceOf(why, code)).toBe(said);
});

test("a line is tried again at once, then four times a second, and each second after a while", () => {
  const waits = [0, 1, 2, 39, 40, 2000].map((failures) => waitBefore(failures, 0));
  expect(waits).toEqual([100, 250, 250, 250, 1000, 1000]);
});

test("the pages of a call do not all come at the same moment", () => {
  expect([0, 0.5, 1].map((chance) => waitBefore(1, chance))).toEqual([250, 312.5, 375]);
});
