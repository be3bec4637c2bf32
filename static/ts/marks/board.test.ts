import { beforeEach, expect, test, vi } from "vitest";
import { MarksController } from "../controllers/marks_controller";
import { draw, find, json, press, say, serve } from "../page.testing";
import { type Mark, MOST_KEY_IMAGES, type Sheet } from "./model";

const LESIONS = [
  { code: "irma", zh: "异常", en: "IRMA", short: "IRMA", colour: "#da77f2", key: "KeyI" },
];

function mark(id: string, more: Partial<Mark> = {}): Mark {
  const points: Mark["points"] = [
    [1, 1],
    [9, 9],
  ];
  const image = { image_id: "i0", frame: 1, points, label: "", lesion: null, eye: null };
  return { id, tool: "length", ...image, ...more };
}

function sheet(name: string, marks: Mark[], more: Partial<Sheet> = {}): Sheet {
  const author = { id: name, name, name_en: name };
  const own = { is_mine: false, revision: 1, saved_at: null, key_images: [] };
  return { author, marks, ...own, ...more };
}

async function open(sheets: Sheet[], mayDraw = true): Promise<void> {
  const told = { caseId: "c", url: "/marks", sheets, lesions: LESIONS, mayDraw };
  const films = Array.from(
    { length: MOST_KEY_IMAGES + 1 },
    (_, at) =>
      `<button class="film" data-film="f${at}" data-image="i${at}" data-columns="10" data-rows="10"></button>`,
  );
  const hands = '<button data-viewer-hand-param="pan" aria-pressed="true"></button>';
  const parts = `<div data-part="marks-bar" hidden></div><button data-part="marks-others" hidden></button>
    <button data-marks-tool-param="arrow" data-action="marks#use"></button><p data-part="marks-said"></p>
    <button id="key" data-action="marks#key"></button><button id="all" data-action="marks#others"></button>`;
  await draw(
    `<div class="read-shell"><div class="marks" data-controller="marks">${parts}</div>${hands}
    <div class="view-cell"><div data-room-target="shot" data-film="f0"><section class="view">
    <div class="view-img" tabindex="0"><img></div></section></div></div>${films.join("")}
    <span data-part="marks-state"></span><button data-shortcut="KeyQ"></button>
    <table data-lesions-target="table"><tbody><tr><td><input type="radio" name="said"></td></tr></tbody></table>
    <div class="room-left"><button data-shortcut="BracketRight"></button></div></div>`,
    {},
  );
  find(".marks").dataset.marksToldValue = JSON.stringify(told);
  const html = document.body.innerHTML;
  await draw(html, { marks: MarksController });
  await vi.waitFor(() => find(".marks[data-ready]"), 8_000);
  say({ marksTwelve: "at most twelve" });
}

function lines(kind = ""): number {
  return document.querySelectorAll(`.mark-line${kind}`).length;
}

beforeEach(() => {
  localStorage.clear();
  serve(() => json({}, 500));
});

test("others' marks are dashed beside the reader's own, and can be hidden", async () => {
  await open([sheet("me", [mark("a")], { is_mine: true }), sheet("you", [mark("b"), mark("c")])]);
  expect([lines(".is-mine"), lines(".is-other")]).toEqual([1, 2]);
  find("#all").click();
  expect([lines(".is-mine"), lines(".is-other")]).toEqual([1, 0]);
  expect(find("[data-part=marks-others]").getAttribute("aria-pressed")).toBe("false");
});

test("who may only look is shown the marks, and no key takes up a pen", async () => {
  await open([sheet("me", [], { is_mine: true }), sheet("you", [mark("b")])], false);
  find("[data-marks-tool-param=arrow]").click();
  expect(lines(".is-other")).toBe(1);
  expect(find(".read-shell").dataset.hand).toBeUndefined();
});

test("a pen that is held has the letters for lesions, and Escape puts it down", async () => {
  await open([sheet("me", [], { is_mine: true })]);
  expect(press("KeyI").defaultPrevented).toBe(false);
  find("[data-marks-tool-param=arrow]").click();
  expect(find(".read-shell").dataset.hand).toBe("draw");
  expect(find("[data-part=marks-bar]").hidden).toBe(false);
  expect(find("[data-viewer-hand-param=pan]").getAttribute("aria-pressed")).toBe("false");
  expect(press("KeyI").defaultPrevented).toBe(true);
  expect(press("KeyI", { isComposing: true }).defaultPrevented).toBe(false);
  press("Escape");
  expect(find(".read-shell").dataset.hand).toBe("pan");
  expect(find("[data-part=marks-bar]").hidden).toBe(true);
});

test("while a pen is held no key presses what writes the report or leaves the case", async () => {
  await open([sheet("me", [], { is_mine: true })]);
  const heard: string[] = [];
  const hear = ({ code }: KeyboardEvent) => heard.push(code);
  document.addEventListener("keydown", hear);
  find("[data-marks-tool-param=arrow]").click();
  press("KeyQ");
  press("BracketRight");
  press("Escape");
  press("KeyQ");
  document.removeEventListener("keydown", hear);
  // Escape is the pen's own
  expect(heard).toEqual(["BracketRight", "KeyQ"]);
});

test("twelve pictures can be chosen for the report, and the thirteenth is refused in words", async () => {
  await open([sheet("me", [], { is_mine: true })]);
  for (const film of document.querySelectorAll(".film")) {
    for (const other of document.querySelectorAll(".film")) {
      other.setAttribute("aria-current", String(other === film));
    }
    find("#key").click();
  }
  expect(document.querySelectorAll(".film[data-key]").length).toBe(MOST_KEY_IMAGES);
  expect(find("[data-part=marks-state]").textContent).toBe("at most twelve");
});

test("while a pen is held no key tells the lesions in whose table the focus was left", async () => {
  await open([]);
  const heard: string[] = [];
  find("table").addEventListener("keydown", ({ code }) => heard.push(code));
  const keys = [
    "Enter",
    "NumpadEnter",
    "Equal",
    "Minus",
    "NumpadAdd",
    "Space",
    "ArrowDown",
    "KeyX",
  ];
  find("input").focus();
  find("[data-marks-tool-param]").click();
  expect(keys.map((code) => press(code).defaultPrevented)).toEqual(keys.map(() => true));
  expect(press("Tab").defaultPrevented).toBe(false);
  expect(heard).toEqual(["Tab"]);
  find(".view-img").focus();
  expect(press("Equal").defaultPrevented).toBe(false);
  press("Escape");
  find("input").focus();
  press("Minus");
  expect(heard).toEqual(["Tab", "Minus"]);
});
