import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tellCovered, tellUnlocked } from "../lib/lock";
import { isWhole } from "../lib/playing";
import { draw, find, json, serve, tick } from "../page.testing";
import { VideoController } from "./video_controller";

let look: () => void = () => undefined;
let inSight = 1;

beforeEach(() => {
  inSight = 1;
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(told: (entries: { intersectionRatio: number }[]) => void) {
        look = () => told([{ intersectionRatio: inSight }]);
      }
      observe(): void {
        look();
      }
      unobserve(): void {}
      disconnect(): void {}
    },
  );
});
afterEach(() => {
  document.documentElement.className = "";
  vi.restoreAllMocks();
});

function pieces(...all: [number, number][]) {
  return {
    length: all.length,
    start: (index: number) => all[index]?.[0] ?? 0,
    end: (index: number) => all[index]?.[1] ?? 0,
  };
}

test("a video was played whole when each of its seconds was, never by jumping to its end", () => {
  expect(isWhole(pieces([0, 60]), 60)).toBe(true);
  expect(isWhole(pieces([30, 60], [0, 30]), 60)).toBe(true);
  expect(isWhole(pieces([0, 1], [59, 60]), 60)).toBe(false);
  expect(isWhole(pieces([0, 59]), 60)).toBe(false);
  expect(isWhole(pieces([0, 0.9]), 1)).toBe(false);
  expect(isWhole(pieces(), 0)).toBe(false);
  expect(isWhole(pieces([0, 5]), Number.NaN)).toBe(false);
});

const PAGE = `<div data-film="f1"><section data-controller="video" data-video-url-value="/seen" data-seen="preview">
  <video data-video-target="video" data-action="play->video#begun loadedmetadata->video#came timeupdate->video#look error->video#failed"></video>
  <span data-video-target="said"></span><p data-video-target="cannot" hidden></p><p data-video-target="lost" hidden></p></section></div>`;

function set(video: object, told: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(told)) {
    Object.defineProperty(video, name, { value, configurable: true });
  }
}

async function open(): Promise<HTMLElement> {
  vi.stubGlobal("MediaError", { MEDIA_ERR_NETWORK: 2 });
  await draw(PAGE, { video: VideoController });
  const video = find("video");
  set(video, { error: null, pause: () => undefined });
  return video;
}

test("the server hears of a video once, when the last of it was played", async () => {
  const asked = serve(() => json({}));
  const video = await open();
  set(video, { duration: 10, videoWidth: 64, played: pieces([0, 4]) });
  video.dispatchEvent(new Event("timeupdate"));
  await tick();
  expect(asked).toEqual([]);
  set(video, { played: pieces([0, 10]) });
  video.dispatchEvent(new Event("timeupdate"));
  video.dispatchEvent(new Event("timeupdate"));
  await vi.waitFor(() => expect(find("section").dataset.seen).toBe("full"));
  expect(asked.map(({ url, method }) => [url, method])).toEqual([["/seen", "POST"]]);
});

test("what this browser cannot play, or has sound of alone, says so", async () => {
  const video = await open();
  const asked = serve(() => json({}));
  set(video, { duration: 10, videoWidth: 0, played: pieces([0, 10]) });
  video.dispatchEvent(new Event("loadedmetadata"));
  video.dispatchEvent(new Event("timeupdate"));
  await tick();
  expect(asked).toEqual([]);
  expect(find("[data-video-target=cannot]").hidden).toBe(false);
  set(video, { error: { code: 2 } });
  video.dispatchEvent(new Event("error"));
  expect(find("[data-video-target=cannot]").hidden).toBe(true);
  expect(find("[data-video-target=lost]").hidden).toBe(false);
});

test("a video whose head came before its page was drawn is told of all the same", async () => {
  vi.spyOn(HTMLMediaElement.prototype, "readyState", "get").mockReturnValue(1);
  vi.stubGlobal("MediaError", { MEDIA_ERR_NETWORK: 2 });
  set(HTMLVideoElement.prototype, { videoWidth: 0, error: null });
  await draw(PAGE, { video: VideoController });
  expect(find("[data-video-target=cannot]").hidden).toBe(false);
});

test("a video rests behind the lock, in a page behind another one, and out of sight", async () => {
  const video = await open();
  const rested = vi.fn();
  set(video, { pause: rested });
  const plays = () => {
    rested.mockClear();
    video.dispatchEvent(new Event("play"));
    return rested.mock.calls.length === 0;
  };
  expect(plays()).toBe(true);
  document.documentElement.classList.add("is-locked");
  tellCovered();
  expect(rested).toHaveBeenCalledOnce();
  expect(plays()).toBe(false);
  document.documentElement.classList.remove("is-locked");
  expect(plays()).toBe(true);
  rested.mockClear();
  inSight = 0.2;
  look();
  expect(rested).toHaveBeenCalledOnce();
  expect(plays()).toBe(false);
  inSight = 0.8;
  expect(plays()).toBe(true);
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  expect(plays()).toBe(false);
});

test("what was played to its end as the lock fell is told once somebody is back", async () => {
  const asked = serve(() => json({}));
  const video = await open();
  set(video, { duration: 10, videoWidth: 64, played: pieces([0, 10]) });
  document.documentElement.classList.add("is-locked");
  video.dispatchEvent(new Event("timeupdate"));
  await tick();
  expect(asked).toEqual([]);
  document.documentElement.classList.remove("is-locked");
  tellUnlocked();
  await vi.waitFor(() => expect(find("section").dataset.seen).toBe("full"));
  expect(asked.map(({ url }) => url)).toEqual(["/seen"]);
});
