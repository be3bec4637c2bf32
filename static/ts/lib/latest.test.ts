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

test("a failure that a newer wish overtook is nobody's: what counts is how the newest went", async () => {
  let tries = 0;
  const latest = new Latest(async () => {
    tries += 1;
    const mine = tries;
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (mine !== 2) {
      throw new Error(`try ${mine}`);
    }
  });
  const first = latest.again();
  const second = latest.again();
  await Promise.all([first, second]);
  expect(tries).toBe(2);
  await expect(latest.again()).rejects.toThrow("try 3");
});
