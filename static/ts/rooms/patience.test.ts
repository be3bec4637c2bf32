import { expect, test } from "vitest";
import { Patience } from "./patience";

/** How many looks of silence it takes until it is too long. */
function bears(patience: Patience): number {
  patience.begin();
  for (let looks = 1; ; looks += 1) {
    if (patience.look(true)) {
      return looks;
    }
  }
}

function calm(patience: Patience, looks: number): void {
  for (let each = 0; each < looks; each += 1) {
    patience.look(false);
  }
}

test("a silence is too long at the third look in a row, and one word between begins it anew", () => {
  const patience = new Patience(3, 12, 600);
  const said = [true, true, false, true, true, true];
  expect(said.map((isSilent) => patience.look(isSilent))).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
});

test("who was given up for nothing is borne twice as long each time, four times at most", () => {
  const patience = new Patience(3, 12, 600);
  const borne = [1, 2, 3, 4].map(() => {
    const looks = bears(patience);
    patience.giveUp();
    return looks;
  });
  expect(borne).toEqual([3, 6, 12, 12]);
});

test("it is brief again once it was calm for long enough, and not a look before", () => {
  const patience = new Patience(3, 12, 600);
  patience.look(true);
  patience.giveUp();
  calm(patience, 590);
  expect(bears(patience)).toBe(6);
  calm(patience, 10);
  expect(bears(patience)).toBe(3);
});

test("of a new line no silence is known", () => {
  const patience = new Patience(3, 12, 600);
  patience.look(true);
  patience.look(true);
  patience.begin();
  expect(patience.look(true)).toBe(false);
});
