import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tellUnlocked } from "../lib/lock";
import { FIT, fullScale, kept, zoomAt } from "../lib/zoom";
import { draw, find, json, press, serve, tick } from "../page.testing";
import { SeenController } from "./seen_controller";
import { ZoomController } from "./zoom_controller";

let look: (ratio: number) => void = () => undefined;
let broken = false;

beforeEach(() => {
  broken = false;
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(told: (entries: { intersectionRatio: number }[]) => void) {
        look = (ratio) => told([{ intersectionRatio: ratio }]);
      }
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
  HTMLImageElement.prototype.decode = () =>
    broken ? Promise.reject(new Error("broken")) : Promise.resolve();
});
afterEach(() => {
  document.documentElement.className = "";
  vi.restoreAllMocks();
});

const SEEN = `<figure data-seen="preview" data-controller="seen" data-seen-url-value="/api/seen/1" data-seen-full-value="/f.jpg"><img src="/p.jpg" data-seen-target="picture"><button data-action="seen#load"></button></figure>`;

test("a picture counts as seen once its full resolution has been on the screen", async () => {
  const asked = serve(() => json({}));
  await draw(SEEN, { seen: SeenController });
  await tick();
  expect(find("img").getAttribute("src")).toBe("/f.jpg");
  look(0.2);
  await tick();
  expect([asked.length, find("figure").dataset.seen]).toEqual([0, "preview"]);
  look(0.8);
  look(0.9);
  await tick();
  expect([asked.length, find("figure").dataset.seen]).toEqual([1, "full"]);
});

test("a picture that comes behind the lock counts once somebody is back before it", async () => {
  const asked = serve(() => json({}));
  document.documentElement.className = "is-locked";
  await draw(SEEN, { seen: SeenController });
  look(1);
  await tick();
  expect([asked.length, find("figure").dataset.seen]).toEqual([0, "preview"]);
  document.documentElement.className = "";
  tellUnlocked();
  await tick();
  expect([asked.length, find("figure").dataset.seen]).toEqual([1, "full"]);
});

test("a picture that comes after its room was left is not told as seen", async () => {
  const asked = serve(() => json({}));
  let come: () => void = () => undefined;
  HTMLImageElement.prototype.decode = () => new Promise((resolve) => (come = resolve));
  await draw(SEEN, { seen: SeenController });
  look(1);
  document.body.replaceWith(document.createElement("body"));
  await tick();
  come();
  await tick(10);
  expect(asked).toEqual([]);
});

/** The pauses between two tries take no time. */
function hurry(): void {
  const wait = window.setTimeout.bind(window);
  vi.spyOn(window, "setTimeout").mockImplementation(((act: () => void, ms = 0) =>
    wait(act, [1_000, 3_000, 9_000].includes(ms) ? 0 : ms)) as typeof window.setTimeout);
}

test("a full picture that did not load is not seen, and says so", async () => {
  hurry();
  broken = true;
  const asked = serve(() => json({}));
  await draw(SEEN, { seen: SeenController });
  look(1);
  await tick(30);
  expect([asked.length, find("figure").dataset.seen, find("img").getAttribute("src")]).toEqual([
    0,
    "failed",
    "/p.jpg",
  ]);
  broken = false;
  find("button").click();
  await tick(30);
  expect([asked.length, find("figure").dataset.seen]).toEqual([1, "full"]);
});

test("a picture that was seen before and is not there now does not pass for shown", async () => {
  hurry();
  broken = true;
  serve(() => json({}));
  await draw(SEEN.replace('data-seen="preview"', 'data-seen="full"'), { seen: SeenController });
  await tick(30);
  expect(find("figure").dataset.seen).toBe("failed");
  broken = false;
  find("button").click();
  look(1);
  await tick(30);
  expect(find("figure").dataset.seen).toBe("full");
});

test("a picture that fails once on a thin line comes by itself", async () => {
  hurry();
  broken = true;
  serve(() => json({}));
  await draw(SEEN, { seen: SeenController });
  broken = false;
  look(1);
  await tick(30);
  expect([find("figure").dataset.seen, find("img").getAttribute("src")]).toEqual([
    "full",
    "/f.jpg",
  ]);
});

test("what the server has not heard is told again by itself", async () => {
  hurry();
  const statuses = [503, 500, 200];
  const asked = serve(() => json({}, statuses.shift() ?? 200));
  await draw(SEEN, { seen: SeenController });
  look(1);
  await tick(30);
  look(1);
  await tick(30);
  expect([asked.length, find("figure").dataset.seen]).toEqual([3, "full"]);
});

test("what the server would not hear is told again at the next look", async () => {
  hurry();
  let status = 503;
  const asked = serve(() => json({}, status));
  await draw(SEEN, { seen: SeenController });
  look(1);
  await vi.waitFor(() => expect(asked.length).toBe(4), 10_000);
  await tick(30);
  expect([asked.length, find("figure").dataset.seen]).toEqual([4, "preview"]);
  status = 200;
  look(1);
  await vi.waitFor(() => expect(find("figure").dataset.seen).toBe("full"), 10_000);
  expect(asked.length).toBe(5);
});

const VIEW = `<section data-controller="zoom" data-zoom-link-value="eyes"><div data-zoom-target="frame" tabindex="0"><img data-zoom-target="picture"></div>
<button data-action="zoom#in">+</button><button data-action="zoom#fit">0</button><span data-zoom-target="scale"></span></section>`;

test("keys and buttons zoom, and the linked eye follows", async () => {
  const page = await draw(`${VIEW}${VIEW}`, { zoom: ZoomController });
  const pictures = [...page.querySelectorAll("img")];
  find("button").click();
  expect(find("span").textContent).toBe("125%");
  expect(pictures[0]?.style.transform).toContain("scale(1.25)");
  expect(pictures[1]?.style.transform).toContain("scale(1.25)");
  find("[data-zoom-target=frame]").focus();
  press("Digit0");
  expect(find("span").textContent).toBe("100%");
  expect(pictures[1]?.style.transform).toContain("scale(1)");
});

test("the point under the pointer stays, and the picture stays in its frame", () => {
  const lie = zoomAt(FIT, 2, { x: 100, y: 50 });
  expect(lie).toEqual({ scale: 2, x: -100, y: -50 });
  expect(kept({ scale: 2, x: 40, y: -900 }, { width: 400, height: 300 })).toEqual({
    scale: 2,
    x: 0,
    y: -300,
  });
  expect(zoomAt(FIT, 0.5, { x: 0, y: 0 }).scale).toBe(1);
  expect(fullScale({ width: 400, height: 400 }, { width: 1600, height: 1200 }, 2)).toBe(2);
});

function pointer(type: string, pointerId: number, x: number, y: number): void {
  const event = new MouseEvent(type, { bubbles: true, clientX: x, clientY: y });
  find("[data-zoom-target=frame]").dispatchEvent(Object.assign(event, { pointerId }));
}

test("two fingers zoom, one drags, the wheel zooms at its place", async () => {
  await draw(VIEW, { zoom: ZoomController });
  const frame = find("[data-zoom-target=frame]");
  Object.defineProperty(frame, "clientWidth", { value: 400 });
  Object.defineProperty(frame, "clientHeight", { value: 300 });
  pointer("pointerdown", 1, 100, 100);
  pointer("pointerdown", 2, 200, 100);
  pointer("pointermove", 2, 300, 100);
  expect(find("span").textContent).toBe("200%");
  expect(find("img").style.transform).toBe("translate(-200px, -100px) scale(2)");
  pointer("pointerup", 2, 300, 100);
  pointer("pointermove", 1, 150, 120);
  expect(find("img").style.transform).toBe("translate(-150px, -80px) scale(2)");
  pointer("pointercancel", 1, 150, 120);
  pointer("pointermove", 1, 0, 0);
  expect(find("img").style.transform).toBe("translate(-150px, -80px) scale(2)");
  const wheel = new MouseEvent("wheel", { cancelable: true, clientX: 0, clientY: 0 });
  frame.dispatchEvent(Object.assign(wheel, { deltaY: 4000 }));
  expect(wheel.defaultPrevented).toBe(true);
  expect(find("span").textContent).toBe("100%");
});
