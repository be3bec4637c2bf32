import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { treat, WHOLE } from "./colour";
import type { Order } from "./colour_worker";

const TAKEN = {
  columns: 8,
  rows: 4,
  pixels: Uint8Array.from({ length: 8 * 4 * 3 }, (_, at) => (at * 37) % 256),
  stride: 3,
};
const ENHANCED = { redFree: false, enhanced: true, inverted: true, range: WHOLE };
const BOUND = { clip: 2, tiles: 2 };

/** What stands behind the page: a worker that does its work, or one that never came. */
class Hand extends EventTarget {
  static orders: Order[] = [];
  static comes = true;
  terminate = vi.fn();

  postMessage(order: Order): void {
    Hand.orders.push(order);
    queueMicrotask(() => {
      if (!Hand.comes) {
        this.dispatchEvent(new Event("error"));
        return;
      }
      const bytes = treat(order.photograph, order.treatment, order.bound).data.buffer;
      const data = { number: order.number, bytes };
      this.dispatchEvent(new MessageEvent("message", { data }));
    });
  }
}

beforeEach(() => {
  vi.resetModules();
  Hand.orders = [];
  Hand.comes = true;
  vi.stubGlobal("Worker", Hand);
});
afterEach(() => vi.unstubAllGlobals());

test("a worker raises the contrast, of a copy, and what stands there is the same", async () => {
  const { develop } = await import("./developing");
  const shown = await develop(TAKEN, ENHANCED, BOUND);
  expect([...shown.data]).toEqual([...treat(TAKEN, ENHANCED, BOUND).data]);
  expect(Hand.orders).toHaveLength(1);
  expect(Hand.orders[0]?.photograph.pixels).not.toBe(TAKEN.pixels);
});

test("what is not enhanced is drawn at once and asks nobody; with the worker there it is its work too", async () => {
  const { develop } = await import("./developing");
  const plain = { ...ENHANCED, enhanced: false };
  const first = await develop(TAKEN, plain, BOUND);
  expect([...first.data]).toEqual([...treat(TAKEN, plain, BOUND).data]);
  expect(Hand.orders).toHaveLength(0);
  await develop(TAKEN, ENHANCED, BOUND);
  const again = await develop(TAKEN, plain, BOUND);
  expect([...again.data]).toEqual([...first.data]);
  expect(Hand.orders).toHaveLength(2);
});

test("where no worker comes the page does it, then and from then on", async () => {
  Hand.comes = false;
  const { develop } = await import("./developing");
  for (let time = 0; time < 2; time++) {
    const shown = await develop(TAKEN, ENHANCED, BOUND);
    expect([...shown.data]).toEqual([...treat(TAKEN, ENHANCED, BOUND).data]);
  }
  expect(Hand.orders).toHaveLength(1);
});
