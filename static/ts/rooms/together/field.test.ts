import { describe, expect, test } from "vitest";
import { kept, type Lie } from "../../lib/zoom";
import { type Framed, fieldOf, lieOf } from "./field";

/** Made-up numbers that are the same at each run. */
function* dice(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (state * 1103515245 + 12345) % 2147483648;
    yield state / 2147483648;
  }
}

const thrown = dice(20261123);
const between = (low: number, high: number) => low + thrown.next().value * (high - low);

function someFrame() {
  return { width: Math.round(between(200, 1900)), height: Math.round(between(150, 1100)) };
}

function some(frame = someFrame()): { framed: Framed; lie: Lie } {
  const canvas = { width: Math.round(between(64, 6000)), height: Math.round(between(64, 6000)) };
  const framed = {
    frame,
    canvas,
    cells: { columns: canvas.width, rows: canvas.height },
    turn: { quarters: Math.floor(between(0, 4)), isMirrored: between(0, 1) < 0.5 },
  };
  const scale = between(1, 16);
  const lie = { scale, x: -between(0, 1) * frame.width * (scale - 1), y: 0 };
  return { framed, lie: kept({ ...lie, y: -between(0, 1) * frame.height * (scale - 1) }, frame) };
}

describe("what is shown, and how it is laid at the other side", () => {
  test("in frames of one size every point stands within a pixel of where the other has it", () => {
    for (let tried = 0; tried < 500; tried += 1) {
      const { framed, lie } = some();
      const found = lieOf(framed, JSON.parse(JSON.stringify(fieldOf(framed, lie))));
      const { width, height } = framed.frame;
      for (const [x, y] of [
        [0, 0],
        [width, height],
      ] as const) {
        const place = [(x - lie.x) / lie.scale, (y - lie.y) / lie.scale] as const;
        expect(Math.abs(place[0] * found.scale + found.x - x)).toBeLessThan(1);
        expect(Math.abs(place[1] * found.scale + found.y - y)).toBeLessThan(1);
      }
    }
  });

  test("in another frame everything that the presenter has of the picture is in sight", () => {
    for (let tried = 0; tried < 500; tried += 1) {
      const { framed, lie } = some();
      const other = { ...framed, frame: someFrame() };
      const there = fieldOf(framed, lie);
      const laid = kept(lieOf(other, there), other.frame);
      const here = fieldOf(other, laid);
      if (laid.scale < 16) {
        expect(here.field[0]).toBeGreaterThan(Math.min(there.field[0], 1) - 0.001);
        expect(here.field[1]).toBeGreaterThan(Math.min(there.field[1], 1) - 0.001);
      }
    }
  });

  test("the whole picture there is the whole picture here, however narrow the frame", () => {
    const { framed } = some({ width: 1200, height: 700 });
    const there = fieldOf(framed, { scale: 1, x: 0, y: 0 });
    const phone = { ...framed, frame: { width: 360, height: 420 } };
    expect(lieOf(phone, there).scale).toBeCloseTo(1, 3);
  });
});
