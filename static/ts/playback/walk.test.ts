import { expect, test } from "vitest";
import { Walk, type Word } from "./walk";

const VIEW = { image: "right", frame: 1 };
const SHOWING = { presenter: "li", view: null, strokes: [] };
const BY = { by: "li", colour: 1, image: "right", frame: 1 };
const WORDS: Word[] = [
  { atMs: 3000, said: { told: "point", ...BY, at: [5, 6] } },
  { atMs: 1000, said: { told: "showing", showing: SHOWING } },
  { atMs: 2000, said: { told: "view", view: VIEW } },
  { atMs: 4000, said: { told: "stroke", stroke: "a", ...BY, points: [[1, 1]] } },
  { atMs: 5000, said: { told: "stroke", stroke: "a", ...BY, points: [[2, 2]] } },
  { atMs: 6000, said: { told: "erased", strokes: ["a"] } },
];

test("nothing is shown before anybody showed anything", () => {
  const walk = new Walk(WORDS);
  expect(walk.go(500)).toEqual({ view: false, marks: false });
  expect(walk.talk.showing.presenter).toBe("");
});

test("each moment has the picture, the hand and as much of a line as was drawn by then", () => {
  const walk = new Walk(WORDS);
  expect(walk.go(2500)).toEqual({ view: true, marks: true });
  expect(walk.talk.showing.view).toEqual(VIEW);
  expect(walk.go(2600)).toEqual({ view: false, marks: false });
  expect(walk.go(4500)).toEqual({ view: false, marks: true });
  expect(walk.talk.hands.get("li")?.at).toEqual([5, 6]);
  expect(walk.talk.strokes.get("a")?.points).toEqual([[1, 1]]);
  walk.go(5500);
  expect(walk.talk.strokes.get("a")?.points).toHaveLength(2);
  walk.go(7000);
  expect(walk.talk.strokes.size).toBe(0);
});

test("whoever goes back finds it as it was then, and no line twice as long", () => {
  const walk = new Walk(WORDS);
  walk.go(7000);
  expect(walk.go(4500)).toEqual({ view: true, marks: true });
  expect(walk.talk.strokes.get("a")?.points).toEqual([[1, 1]]);
  walk.go(5500);
  expect(walk.talk.strokes.get("a")?.points).toEqual([
    [1, 1],
    [2, 2],
  ]);
  walk.go(0);
  expect(walk.talk.showing.view).toBeNull();
});
