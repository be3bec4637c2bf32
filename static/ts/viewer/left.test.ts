import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tellUnlocked } from "../lib/lock";
import { draw, find, json, serve, tick } from "../page.testing";
import type { Pane } from "./pane";
import { Press } from "./press";
import type { Spot } from "./standing";
import { Witness } from "./witness";

/** What Cornerstone does, as far as a press asks for it. */
const graphics = vi.hoisted(() => {
  interface Engine {
    sheet: EventTarget;
    stack: string;
    destroy(): void;
  }
  return {
    engines: new Map<string, Engine>(),
    /** what is waited for before a stack is there */
    stacked: Promise.resolve(),
  };
});

vi.mock("@cornerstonejs/core", () => ({
  Enums: { Events: { IMAGE_RENDERED: "drawn" }, ViewportType: {} },
  eventTarget: new EventTarget(),
  getRenderingCapabilities: () => ({ webgl: true }),
  getRenderingEngine: (name: string) => graphics.engines.get(name),
  init: () => undefined,
  setUseCPURendering: () => undefined,
  RenderingEngine: class {
    sheet = new EventTarget();
    stack = "";
    canvas = document.createElement("canvas");
    constructor(readonly name: string) {
      graphics.engines.set(name, this);
    }
    destroy(): void {
      graphics.engines.delete(this.name);
    }
    enableElement({ element }: { element: EventTarget }): void {
      this.sheet = element;
    }
    disableElement(): void {}
    getViewport() {
      return this;
    }
    async setStack([image = ""]: string[]): Promise<void> {
      await graphics.stacked;
      this.stack = image;
    }
    setProperties(): void {}
    resetCamera(): void {}
    render(): void {
      this.sheet.dispatchEvent(new Event("drawn"));
    }
  },
}));

let look: (target: Element, ratio: number) => void = () => undefined;

beforeEach(() => {
  graphics.engines.clear();
  graphics.stacked = Promise.resolve();
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(told: (entries: unknown[]) => void) {
        look = (target, intersectionRatio) => told([{ target, intersectionRatio }]);
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
});
afterEach(() => {
  document.documentElement.className = "";
  vi.restoreAllMocks();
});

const INK = { range: { lower: 0, upper: 1 }, inverted: false };

function slice(imageId: string) {
  return { imageId, columns: 4, rows: 4, invert: false } as Parameters<Press["print"]>[0];
}

function stacks(): string[] {
  return [...graphics.engines.values()].map(({ stack }) => stack);
}

test("what a left room still prints is drawn on no sheet of the next room", async () => {
  const left = new Press(false);
  const onto = document.createElement("canvas");
  await left.print(slice("former"), INK, onto, 4);
  left.close();
  const next = new Press(false);
  await next.print(slice("present"), INK, onto, 4);
  await expect(left.print(slice("former late"), INK, onto, 4)).rejects.toThrow();
  expect(stacks()).toEqual(["present"]);
});

test("a print that was under way when its room was left ends there", async () => {
  let come: () => void = () => undefined;
  graphics.stacked = new Promise((resolve) => (come = resolve));
  const left = new Press(false);
  const onto = document.createElement("canvas");
  const late = left.print(slice("former"), INK, onto, 4);
  await tick();
  left.close();
  const next = new Press(false);
  const present = next.print(slice("present"), INK, document.createElement("canvas"), 4);
  come();
  await expect(late).rejects.toThrow("left");
  await present;
  expect([stacks(), onto.width]).toEqual([["present"], document.createElement("canvas").width]);
});

const SPOT = { film: "f1", frames: 1, frame: { number: 1 } } as unknown as Spot;

async function watched(more: Partial<Pane> = {}) {
  const asked = serve(() => json({}));
  await draw('<div class="view"><div class="view-img"></div></div>', {});
  const pane = { view: find(".view"), spot: SPOT, ...more } as unknown as Pane;
  const witness = new Witness((film) => `/api/seen/${film}`, []);
  witness.watch(pane);
  look(find(".view-img"), 1);
  return { asked, pane, witness };
}

test("a frame of an open room is told as seen, one that comes after the room was left is not", async () => {
  const open = await watched();
  open.witness.drawn(open.pane, SPOT);
  await tick();
  expect(open.asked.map(({ url }) => url)).toEqual(["/api/seen/f1"]);
  const left = await watched();
  left.witness.close();
  left.witness.drawn(left.pane, SPOT);
  const gone = await watched();
  find(".view").remove();
  gone.witness.drawn(gone.pane, SPOT);
  await tick();
  expect([left.asked, gone.asked]).toEqual([[], []]);
});

test("a frame that is drawn behind the lock counts once somebody is back before it", async () => {
  const { classList } = document.documentElement;
  classList.add("is-locked");
  const { asked, pane, witness } = await watched({ isOn: true, isWhole: true });
  witness.drawn(pane, SPOT);
  await tick();
  expect(asked).toEqual([]);
  classList.remove("is-locked");
  tellUnlocked();
  await tick();
  expect(asked.map(({ url }) => url)).toEqual(["/api/seen/f1"]);
});
