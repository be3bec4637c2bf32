import { beforeEach, expect, test, vi } from "vitest";
import { draw, find, say, serve } from "../page.testing";
import { WHOLE } from "./colour";
import { Pane } from "./pane";
import type { Press } from "./press";
import type { Spot } from "./standing";

/** What Cornerstone does, as far as a pane asks for it: values from 0 to the number of the frame. */
vi.mock("@cornerstonejs/core", () => ({
  cache: { purgeCache: () => undefined, setMaxCacheSize: () => undefined },
  imageLoader: {},
  metaData: { addProvider: () => undefined },
  Enums: {},
}));
vi.mock("@cornerstonejs/dicom-image-loader", () => ({
  createImage: async (imageId: string) => {
    const maxPixelValue = Number(imageId.split("/").at(-1));
    return { imageId, rows: 4, columns: 4, minPixelValue: 0, maxPixelValue, color: false };
  },
}));

const VIEW = `<div class="view"><div class="view-img"><img alt="OCT"></div><p data-part="place" hidden></p>
  <p data-part="bad" hidden></p><input type="range" data-part="slider"></div>`;
const GREY = {
  "00280004": { vr: "CS", Value: ["MONOCHROME2"] },
  "00280100": { vr: "US", Value: [16] },
};
let stack = 0;
/** frames that the server holds back, and how each of them is handed on */
let held = new Map<number, (answer: Response) => void>();
let isBroken = false;
let printed: string[] = [];
let prints: () => Promise<void> = async () => undefined;

beforeEach(() => {
  stack += 1;
  held = new Map();
  isBroken = false;
  printed = [];
  prints = async () => undefined;
});

function numberOf(url: string): number {
  return Number(url.split("/").at(-1));
}

/** A stack of three frames, of which the second and third come when the test says. */
async function open() {
  say({ viewerPlace: "{n}/{m}", viewerBroken: "{n} broken" });
  serve(({ url }) => {
    const number = numberOf(url);
    return number === 1 ? come() : new Promise((answer) => held.set(number, answer));
  });
  await draw(VIEW, {});
  const shown: number[] = [];
  const press = {
    print: async (image: { imageId: string }, ink: { range: { upper: number } }) => {
      await prints();
      if (isBroken) {
        throw new Error("not printed");
      }
      printed.push(`${numberOf(image.imageId)} to ${ink.range.upper}`);
    },
  } as unknown as Press;
  const pane = new Pane(find(".view"), {
    press,
    bound: {} as never,
    presetsOf: () => [],
    shown: (_, spot) => shown.push(spot.frame.number),
    gaveUp: () => undefined,
  });
  const spots = [1, 2, 3].map((number) => ({
    film: "f",
    frames: 3,
    frame: { path: `/stack/${stack}`, number, set: GREY as never, isDrawn: false },
  })) as Spot[];
  await pane.open(spots, 0);
  return { pane, shown };
}

function come(): Response {
  return new Response(new Uint8Array(2), {
    headers: { "Content-Type": "application/octet-stream" },
  });
}

function place(): string | null {
  return find("[data-part=place]").textContent;
}

async function isAsked(number: number): Promise<(answer: Response) => void> {
  return await vi.waitFor(() => {
    const answer = held.get(number);
    if (answer === undefined) {
      throw new Error(`frame ${number} was not asked for`);
    }
    return answer;
  });
}

test("what is said of a picture is said of the one that stands there, until the next one does", async () => {
  const { pane, shown } = await open();
  expect([printed.at(-1), place()]).toEqual(["1 to 1", "1/3"]);
  const going = pane.go(1);
  expect([place(), find<HTMLInputElement>("input").value]).toEqual(["1/3", "2"]);
  // a window that is dragged meanwhile is that of the picture which stands there
  await pane.drag(0, 0);
  expect(printed.at(-1)).toMatch(/^1 to /);
  expect([place(), pane.isWhole, shown]).toEqual(["1/3", false, [1]]);
  (await isAsked(2))(come());
  await going;
  expect(printed.at(-1)).toMatch(/^2 to /);
  expect([place(), pane.isWhole, shown]).toEqual(["2/3", true, [1, 2]]);
});

test("of a place whose picture does not come no other picture is shown, whole or said to be", async () => {
  const { pane, shown } = await open();
  const going = pane.go(1);
  (await isAsked(2))(new Response("", { status: 404 }));
  await going;
  printed = [];
  await pane.paint();
  await pane.reset();
  expect([printed, find("[data-part=bad]").textContent]).toEqual([[], "2 broken"]);
  expect([place(), pane.isWhole, shown]).toEqual(["2/3", false, [1]]);
  await pane.go(0);
  expect([printed.length, find("[data-part=bad]").hidden, pane.isWhole]).toEqual([1, true, true]);
});

test("a picture that could not be drawn is not whole, and is once it was drawn", async () => {
  const { pane, shown } = await open();
  isBroken = true;
  pane.look.choose(WHOLE);
  await pane.paint();
  expect([find("[data-part=bad]").hidden, pane.isWhole]).toEqual([false, false]);
  isBroken = false;
  await pane.paint();
  expect([find("[data-part=bad]").hidden, pane.isWhole, shown.at(-1)]).toEqual([true, true, 1]);
});
