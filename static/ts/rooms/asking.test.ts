import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking } from "./asking";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Somebody whose answers take this long. */
function asksOf(answerMs: number): { asking: Asking; asked: () => number; most: () => number } {
  let [asked, open, most] = [0, 0, 0];
  const asking = new Asking(async () => {
    asked += 1;
    open += 1;
    most = Math.max(most, open);
    await new Promise((done) => setTimeout(done, answerMs));
    open -= 1;
  }, 3000);
  return { asking, asked: () => asked, most: () => most };
}

test("on a good line it asks every three seconds", async () => {
  const { asking, asked } = asksOf(10);
  asking.begin();
  await vi.advanceTimersByTimeAsync(30_500);
  expect(asked()).toBe(10);
});

test("where answers take ten seconds, it asks one at a time and leaves the line three quarters", async () => {
  const { asking, asked, most } = asksOf(10_000);
  asking.begin();
  await vi.advanceTimersByTimeAsync(120_000);
  expect([asked(), most()]).toEqual([3, 1]);
});

test("what is asked while it waits is asked once more, and no more than once", async () => {
  const { asking, asked, most } = asksOf(1000);
  asking.begin();
  void asking.now();
  void asking.now();
  void asking.now();
  await vi.advanceTimersByTimeAsync(2500);
  expect([asked(), most()]).toEqual([2, 1]);
});

test("it asks nothing more once it has ended, and an answer that is late begins nothing", async () => {
  const { asking, asked } = asksOf(1000);
  asking.begin();
  void asking.now();
  asking.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked()).toBe(1);
});

test("an answer that fails does not end the asking", async () => {
  let asked = 0;
  const asking = new Asking(async () => {
    asked += 1;
    if (asked === 1) {
      throw new Error("no line");
    }
  }, 3000);
  asking.begin();
  await expect(asking.now()).rejects.toThrow("no line");
  await vi.advanceTimersByTimeAsync(6500);
  expect(asked).toBe(3);
});
