import { afterEach, expect, test, vi } from "vitest";
import { tellCovered } from "../lib/lock";
import { draw, find, tick } from "../page.testing";
import { CineController } from "./cine_controller";

afterEach(() => {
  document.documentElement.className = "";
});

/** A stack of three that is before the reader, and its button. */
async function stand() {
  const pane = {
    length: 3,
    at: 0,
    spot: undefined,
    go: vi.fn(async (at: number) => {
      pane.at = at;
    }),
  };
  await draw(
    `<div data-controller="cine"><button data-action="cine#turn" data-cine-target="turn"></button></div>`,
    { cine: CineController },
  );
  const detail = { stage: { current: pane } };
  find("[data-controller=cine]").dispatchEvent(new CustomEvent("viewer:ready", { detail }));
  return pane;
}

function isPlaying(): boolean {
  return find("button").getAttribute("aria-pressed") === "true";
}

test("a stack that plays stops when the lock falls, and begins behind none", async () => {
  const pane = await stand();
  find("button").click();
  await vi.waitFor(() => expect(pane.at).toBe(1));
  expect(isPlaying()).toBe(true);
  document.documentElement.className = "is-locked";
  tellCovered();
  expect(isPlaying()).toBe(false);
  const stood = pane.go.mock.calls.length;
  find("button").click();
  await tick(250);
  expect([isPlaying(), pane.go.mock.calls.length]).toEqual([false, stood]);
});
