import { expect, test } from "vitest";
import { Ladder, lineOf, type Stretch } from "./ladder";

const calm: Stretch = { lost: 0, roundTripMs: 40, arrives: true };
const bad: Stretch = { ...calm, lost: 0.11 };
const silent: Stretch = { ...calm, arrives: false };

function after(ladder: Ladder, times: number, stretch: Stretch): string {
  for (let each = 0; each < times; each += 1) {
    ladder.take(stretch);
  }
  return ladder.rung;
}

test.each([
  ["good", { lost: 0.03, roundTripMs: 300 }],
  ["fair", { lost: 0.031 }],
  ["fair", { roundTripMs: 301 }],
  ["fair", { lost: 0.1, roundTripMs: 600 }],
  ["poor", { lost: 0.101 }],
  ["poor", { roundTripMs: 601 }],
  ["none", { arrives: false, lost: 0.5 }],
  ["waiting", { arrives: undefined, lost: 0.5 }],
])("the plain word for the line is %s", (word, changed) => {
  expect(lineOf({ ...calm, ...changed })).toBe(word);
});

test("pictures are given up at the third bad stretch in a row, and not by an echo that is late", () => {
  const ladder = new Ladder();
  expect(after(ladder, 2, bad)).toBe("video");
  expect(after(ladder, 1, calm)).toBe("video");
  expect(after(ladder, 2, bad)).toBe("video");
  expect(after(ladder, 1, bad)).toBe("sound");
  expect(after(new Ladder(), 30, { ...calm, roundTripMs: 5000 })).toBe("video");
});

test("pictures are tried again after fifteen calm stretches without one that was not", () => {
  const ladder = new Ladder();
  after(ladder, 3, bad);
  after(ladder, 14, calm);
  expect(ladder.isCalm).toBe(false);
  after(ladder, 1, { ...calm, lost: 0.02 });
  after(ladder, 14, calm);
  expect(ladder.isCalm).toBe(false);
  after(ladder, 1, calm);
  expect(ladder.isCalm).toBe(true);
});

test("whoever chose sound alone keeps it on the best of lines, until she chooses pictures", () => {
  const ladder = new Ladder();
  ladder.choose("sound");
  after(ladder, 200, calm);
  expect([ladder.rung, ladder.isCalm]).toEqual(["sound", false]);
  after(ladder, 3, silent);
  after(ladder, 200, calm);
  expect([ladder.rung, ladder.isCalm]).toEqual(["sound", false]);
  ladder.choose("video");
  after(ladder, 3, bad);
  after(ladder, 15, calm);
  expect([ladder.rung, ladder.isCalm]).toEqual(["sound", true]);
});

test("pictures that fail again soon are tried half as often each time, and not more seldom than every 120 stretches", () => {
  const ladder = new Ladder();
  after(ladder, 3, bad);
  for (const wait of [15, 30, 60, 120, 120]) {
    after(ladder, wait - 1, calm);
    expect(ladder.isCalm).toBe(false);
    after(ladder, 1, calm);
    expect(ladder.isCalm).toBe(true);
    ladder.climb();
    expect(after(ladder, 3, bad)).toBe("sound");
  }
});

test("pictures that held for a while are tried again as soon as at first", () => {
  const ladder = new Ladder();
  after(ladder, 3, bad);
  after(ladder, 15, calm);
  ladder.climb();
  after(ladder, 3, bad);
  after(ladder, 30, calm);
  ladder.climb();
  after(ladder, 20, calm);
  after(ladder, 3, bad);
  after(ladder, 15, calm);
  expect(ladder.isCalm).toBe(true);
});

test("pictures that the room has taken away are tried again, but not for who chose sound alone", () => {
  const ladder = new Ladder();
  ladder.fall();
  expect([ladder.rung, ladder.takesVideo]).toEqual(["sound", false]);
  after(ladder, 15, calm);
  expect(ladder.isCalm).toBe(true);
  ladder.choose("sound");
  ladder.fall();
  after(ladder, 200, calm);
  expect(ladder.isCalm).toBe(false);
});

test("a line that is calm is nothing to climb while pictures are shown", () => {
  const ladder = new Ladder();
  after(ladder, 30, calm);
  expect(ladder.isCalm).toBe(false);
});

test.each(["video", "sound"] as const)(
  "three silent stretches leave writing, and what comes then brings back the %s of before",
  (rung) => {
    const ladder = new Ladder();
    ladder.choose(rung);
    expect(after(ladder, 2, silent)).toBe(rung);
    expect(after(ladder, 1, silent)).toBe("text");
    expect(after(ladder, 5, silent)).toBe("text");
    expect(after(ladder, 1, calm)).toBe(rung);
  },
);

test("whoever is alone in the room is not sent to writing", () => {
  expect(after(new Ladder(), 30, { ...calm, arrives: undefined })).toBe("video");
});

test("who chooses pictures begins with a clean slate", () => {
  const ladder = new Ladder();
  after(ladder, 2, bad);
  ladder.choose("video");
  expect(after(ladder, 2, bad)).toBe("video");
  expect(after(ladder, 1, bad)).toBe("sound");
});

test("who waits in writing still awaits the pictures that she took before", () => {
  const silent: Stretch = { ...calm, arrives: false };
  const ladder = new Ladder();
  for (let look = 0; look < 3; look += 1) {
    ladder.take(silent);
  }
  expect([ladder.rung, ladder.takesVideo]).toEqual(["text", true]);
  ladder.take(calm);
  expect([ladder.rung, ladder.takesVideo]).toEqual(["video", true]);
  ladder.choose("sound");
  expect(ladder.takesVideo).toBe(false);
  for (let look = 0; look < 3; look += 1) {
    ladder.take(silent);
  }
  expect([ladder.rung, ladder.takesVideo]).toEqual(["text", false]);
});

test("pictures at a lower rate are said, and neither sound alone nor writing is called that", () => {
  const ladder = new Ladder();
  ladder.isLowered = true;
  expect([ladder.rung, ladder.said]).toEqual(["video", "lower"]);
  after(ladder, 3, bad);
  expect(ladder.said).toBe("sound");
  after(ladder, 3, silent);
  expect(ladder.said).toBe("text");
  ladder.choose("video");
  ladder.isLowered = false;
  expect(ladder.said).toBe("video");
});
