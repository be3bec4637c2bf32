import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ActController } from "../controllers/act_controller";
import { AutosaveController } from "../controllers/autosave_controller";
import { RowController } from "../controllers/row_controller";
import { SignController } from "../controllers/sign_controller";
import { draw, find, json, press, serve, tick } from "../page.testing";
import { nextDrawing } from "./drawing";
import { tellUnlocked } from "./lock";
import { go } from "./place";
import { watchBack } from "./turn";

watchBack();

function room(name: string): string {
  return `<div class="read-shell" data-controller="sign" data-sign-preview-value="/preview"
      data-sign-dialog-value="sign-dialog"><h1>${name}</h1>
    <div data-controller="row" data-row-url-value="/row"></div>
    <form data-controller="autosave" data-autosave-url-value="/draft/${name}">
      <textarea name="advice"></textarea></form>
    <button id="later" data-controller="act" data-act-url-value="/aside/${name}"></button>
    <button id="sign" type="button" data-sign-target="button"></button>
    <dialog id="sign-dialog"><p data-sign-part="title"></p><dl data-sign-part="lines"></dl></dialog>
  </div>`;
}

const BEHAVIOURS = {
  act: ActController,
  autosave: AutosaveController,
  row: RowController,
  sign: SignController,
};
const B = "/cases/bb/reading";
let reloaded: ReturnType<typeof vi.spyOn>;
let assigned: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  reloaded = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
  assigned = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  vi.spyOn(window.history, "pushState").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

/** Something that comes when the test says. */
function awaited(): { came: Promise<void>; come: () => void } {
  let come: () => void = () => undefined;
  const came = new Promise<void>((resolve) => (come = resolve));
  return { came, come };
}

function paths(asked: { url: string }[]): string[] {
  return asked.map(({ url }) => url.split("?")[0] ?? "");
}

test("while the next room is on its way nothing more is asked and no key works; what was typed is kept", async () => {
  const { came, come } = awaited();
  const asked = serve(async ({ url }) => {
    if (url.startsWith("/aside")) {
      find<HTMLTextAreaElement>("textarea").value = "typed meanwhile";
      return json({ location: B });
    }
    if (url === B) {
      await came;
      return new Response(room("B"));
    }
    return json({});
  });
  await draw(room("A"), BEHAVIOURS);
  const keys: string[] = [];
  document.addEventListener("keydown", ({ code }) => keys.push(code));
  find("#later").click();
  await tick(10);
  expect(find(".read-shell").hasAttribute("inert")).toBe(true);
  press("Period");
  go(B);
  come();
  await tick(20);
  expect(find("h1").textContent).toBe("B");
  expect(find(".read-shell").hasAttribute("inert")).toBe(false);
  expect(document.activeElement).toBe(find("h1"));
  expect(paths(asked)).toEqual(["/aside/A", "/draft/A", B]);
  expect(asked[1]?.body).toMatchObject({ advice: "typed meanwhile" });
  press("Period");
  expect(keys).toEqual(["Period"]);
});

test("over a locked page nothing is turned; what was typed is kept once its person is back", async () => {
  const asked = serve(({ url }) => {
    if (url.startsWith("/aside")) {
      find<HTMLTextAreaElement>("textarea").value = "typed meanwhile";
      document.documentElement.classList.add("is-locked");
      return json({ location: B });
    }
    return url === B ? new Response(room("B")) : json({});
  });
  await draw(room("A"), BEHAVIOURS);
  find("#later").click();
  await tick(20);
  expect(paths(asked)).toEqual(["/aside/A"]);
  document.documentElement.classList.remove("is-locked");
  tellUnlocked();
  await tick(20);
  expect(paths(asked)).toEqual(["/aside/A", "/draft/A", B]);
  expect(find("h1").textContent).toBe("B");
});

test("a room that cannot be drawn here is loaded, and the one before is free until then", async () => {
  serve(({ url }) => (url === B ? new Response("", { status: 500 }) : json({ location: B })));
  await draw(room("A"), BEHAVIOURS);
  find("#later").click();
  await tick(10);
  expect(assigned).toHaveBeenCalledOnce();
  expect(find(".read-shell").hasAttribute("inert")).toBe(false);
});

test("a draft of a room that is left is sent at once", async () => {
  const asked = serve(() => json({}));
  await draw(room("A"), BEHAVIOURS);
  find<HTMLTextAreaElement>("textarea").value = "the last word";
  find(".read-shell").remove();
  await tick(10);
  expect(asked.map(({ url, body }) => [url, body])).toEqual([
    ["/draft/A", { advice: "the last word" }],
  ]);
});

/** The next room stands here: its body took the place of the one before. */
function turn(name: string): void {
  const page = new DOMParser().parseFromString(room(name), "text/html");
  document.body.replaceWith(document.adoptNode(page.body));
}

test("the report of a patient who was left is not shown in the next one's dialog", async () => {
  const { came, come } = awaited();
  serve(async () => {
    await came;
    return json({ title: "report of A", lines: [], shown_sha256: "a" });
  });
  await draw(room("A"), BEHAVIOURS);
  find("#sign").click();
  await tick(10);
  turn("B");
  come();
  await tick(10);
  expect(find("[data-sign-part=title]").textContent).toBe("");
  expect(find<HTMLDialogElement>("dialog").open).toBe(false);
});

test("the answer to an act of a room that was left leads nobody out of the next one", async () => {
  const { came, come } = awaited();
  serve(async () => {
    await came;
    return json({ location: "/worklist" });
  });
  await draw(room("A"), BEHAVIOURS);
  find("#later").click();
  await tick(10);
  turn("B");
  come();
  await tick(10);
  expect(assigned).not.toHaveBeenCalled();
});

test("a button that the news took away while its act was sent still leads on", async () => {
  const { came, come } = awaited();
  serve(async () => {
    await came;
    return json({ location: "/worklist" });
  });
  await draw(room("A"), BEHAVIOURS);
  find("#later").click();
  await tick(10);
  find("#later").remove();
  come();
  await tick(10);
  expect(assigned).toHaveBeenCalledOnce();
});

test("after a turn news draw the room that stands here, and going back loads the other one", async () => {
  const asked = serve(({ url }) => (url.endsWith(B) ? new Response(room("B")) : json({})));
  await draw(room("A"), BEHAVIOURS);
  window.dispatchEvent(new PopStateEvent("popstate"));
  const early = reloaded.mock.calls.length;
  go(B);
  await tick(20);
  asked.length = 0;
  await nextDrawing();
  expect(asked.map(({ url }) => new URL(url, window.location.href).pathname)).toEqual([B]);
  // the browser's address is the former room's already, as after Back
  window.dispatchEvent(new PopStateEvent("popstate"));
  expect(reloaded.mock.calls.length).toBe(early + 1);
});
