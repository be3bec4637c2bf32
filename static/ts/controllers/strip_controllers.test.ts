import { beforeEach, expect, test, vi } from "vitest";
import { watchGestures } from "../lib/gestures";
import { draw, find } from "../page.testing";
import { LaterController } from "./later_controller";
import { OrderController } from "./order_controller";
import { StripController } from "./strip_controller";

function films(count: number, shot: string): string {
  return Array.from(
    { length: count },
    (_, at) => `<li><button class="film" data-shot="${shot}" data-seen="${at < 3 ? "full" : "none"}"
      aria-current="${at === 4}"><span data-strip-target="many" hidden></span></button></li>`,
  ).join("");
}

async function start(html: string): Promise<void> {
  await draw(html, { strip: StripController, order: OrderController, later: LaterController });
}

beforeEach(() => {
  sessionStorage.clear();
  document.body.dataset.wordStripCount = "{n} of {m}";
});

test("a long series stands in the strip as its current picture, with a count", async () => {
  await start(`<div data-controller="strip"><ol>${films(9, "a")}</ol></div>`);
  const shown = [...document.querySelectorAll<HTMLElement>("li")].map(({ hidden }) => !hidden);
  expect(shown).toEqual([false, false, false, false, true, false, false, false, false]);
  const many = document.querySelector("li:not([hidden]) [data-strip-target=many]");
  expect(many?.textContent).toBe("3 of 9");
});

test("a few slices stand one by one", async () => {
  await start(`<div data-controller="strip"><ol>${films(5, "a")}</ol></div>`);
  expect(document.querySelectorAll("li[hidden]").length).toBe(0);
});

test("the order of the eyes holds in this session alone", async () => {
  const html = `<div data-controller="order"><div class="views"></div>
    <button data-action="order#turn" data-order-target="turn"></button></div>`;
  await start(html);
  const orderNow = () => document.querySelector<HTMLElement>(".views")?.dataset.order;
  expect(orderNow()).toBe("right");
  document.querySelector("button")?.click();
  expect(orderNow()).toBe("left");
  await start(html);
  expect(orderNow()).toBe("left");
  sessionStorage.clear();
  await start(html);
  expect(orderNow()).toBe("right");
});

test("other pictures are asked for once the first has come", async () => {
  vi.spyOn(HTMLImageElement.prototype, "complete", "get").mockReturnValue(false);
  await start(`<div data-controller="later"><img id="first" src="/a.jpg"><img data-later="/b.jpg"></div>
    <img data-later="/c.jpg">`);
  expect(document.querySelectorAll("img[data-later]").length).toBe(2);
  document.querySelector("#first")?.dispatchEvent(new Event("load"));
  expect(document.querySelectorAll("img[data-later]").length).toBe(0);
  const asked = [...document.querySelectorAll("img")].map((each) => each.getAttribute("src"));
  expect(asked).toEqual(["/a.jpg", "/b.jpg", "/c.jpg"]);
});

test("a drag enlarges about the place where it began, if that hand was taken up", async () => {
  await draw(`<div data-hand="pan"><div id="frame"></div></div>`, {});
  const frame = find("#frame");
  const told: string[] = [];
  const moves = {
    zoom: (factor: number, at: { x: number; y: number }) =>
      void told.push(`zoom ${factor.toFixed(2)} at ${at.x},${at.y}`),
    pan: (x: number, y: number) => void told.push(`pan ${x},${y}`),
  };
  const stop = new AbortController();
  const point = (kind: string, clientX: number, clientY: number) =>
    frame.dispatchEvent(new PointerEvent(kind, { clientX, clientY, pointerId: 1 }));
  watchGestures(frame, moves, stop.signal);
  point("pointerdown", 100, 200);
  point("pointermove", 110, 190);
  frame.parentElement?.setAttribute("data-hand", "zoom");
  point("pointermove", 110, 70);
  point("pointerup", 110, 70);
  stop.abort();
  expect(told).toEqual(["pan 10,-10", "zoom 2.00 at 100,200"]);
});
