import { expect, test } from "vitest";
import { Newest } from "./newest";

test("who asks while a step is under way is served by one more step", async () => {
  const ended: (() => void)[] = [];
  const newest = new Newest(() => new Promise((resolve) => ended.push(resolve)));
  const asked = [newest.ask(), newest.ask(), newest.ask()];
  expect(ended.length).toBe(1);
  ended[0]?.();
  await expect.poll(() => ended.length).toBe(2);
  ended[1]?.();
  await Promise.all(asked);
  expect(ended.length).toBe(2);
});

test("a step that failed is told to all who asked, and the next one is taken anew", async () => {
  let steps = 0;
  const newest = new Newest(() => {
    steps += 1;
    return steps === 1 ? Promise.reject(new Error("no picture")) : Promise.resolve();
  });
  await expect(newest.ask()).rejects.toThrow("no picture");
  await newest.ask();
  expect(steps).toBe(2);
});
