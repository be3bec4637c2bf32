import { expect, test } from "vitest";
import { Latest } from "./latest";

test("what is asked for meanwhile is done once, behind, and all are told when it is", async () => {
  const done: number[] = [];
  let wish = 0;
  const latest = new Latest(async () => {
    const mine = wish;
    await new Promise((resolve) => setTimeout(resolve, 5));
    done.push(mine);
  });
  const asked = [1, 2, 3].map((each) => {
    wish = each;
    return latest.again();
  });
  await Promise.all(asked);
  expect(done).toEqual([1, 3]);
});

test("a failure is told to whoever asked, and the next time it is tried anew", async () => {
  let isBroken = true;
  const latest = new Latest(async () => {
    if (isBroken) {
      throw new Error("nothing was drawn");
    }
  });
  await expect(latest.again()).rejects.toThrow("nothing was drawn");
  isBroken = false;
  await latest.again();
});
