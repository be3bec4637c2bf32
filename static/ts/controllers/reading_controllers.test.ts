import { expect, test } from "vitest";
import { draw, find, json, press, serve, tick } from "../page.testing";
import { AutosaveController } from "./autosave_controller";
import { EyeController } from "./eye_controller";
import { KeysController } from "./keys_controller";
import { NormalController } from "./normal_controller";
import { PhraseController } from "./phrase_controller";
import { PickListController } from "./pick_list_controller";
import { ReportCheckController } from "./report_check_controller";
import { RoomController } from "./room_controller";
import { SignController } from "./sign_controller";

function eye(side: string, fields: Record<string, string[]>): string {
  const selects = Object.entries(fields).map(
    ([name, codes]) =>
      `<select name="${side}.${name}" id="f-${side}-${name}"><option value=""></option>${codes
        .map((code) => `<option value="${code}">${code}</option>`)
        .join("")}</select>`,
  );
  return `${selects.join("")}<textarea name="${side}.findings" id="f-${side}-findings"></textarea>
    <input type="checkbox" name="${side}.causes" data-list value="small_pupil">`;
}

const FIELDS = {
  eye_status: ["present", "absent", "nlp"],
  quality: ["good", "ungradable"],
  icdr: ["0", "2"],
  dme: ["none", "present"],
};
const FORM = `<form id="report-form" data-controller="normal" data-normal-finding-value="未见明显异常">
  <button type="button" id="n" data-action="normal#both"></button>
  <span data-normal-target="undo" hidden><button type="button" id="u" data-action="normal#undo"></button></span>
  ${eye("right", FIELDS)}${eye("left", FIELDS)}</form>`;

function value(id: string): string {
  return find<HTMLSelectElement>(id).value;
}

test("both eyes without an apparent abnormality is filled in visibly and undone whole", async () => {
  await draw(FORM, { normal: NormalController });
  find<HTMLSelectElement>("#f-right-quality").value = "ungradable";
  find<HTMLInputElement>("[name='right.causes']").checked = true;
  find("#n").click();
  expect(["#f-right-quality", "#f-left-icdr", "#f-left-dme"].map(value)).toEqual([
    "good",
    "0",
    "none",
  ]);
  expect(value("#f-left-findings")).toBe("未见明显异常");
  expect(find<HTMLInputElement>("[name='right.causes']").checked).toBe(false);
  find("#u").click();
  expect(["#f-right-quality", "#f-left-icdr", "#f-left-findings"].map(value)).toEqual([
    "ungradable",
    "",
    "",
  ]);
  expect(find<HTMLInputElement>("[name='right.causes']").checked).toBe(true);
});

test("an absent eye is left alone", async () => {
  await draw(FORM, { normal: NormalController });
  find<HTMLSelectElement>("#f-left-eye_status").value = "absent";
  find("#n").click();
  expect(["#f-right-icdr", "#f-left-icdr", "#f-left-findings"].map(value)).toEqual(["0", "", ""]);
});

const REST = `<form data-controller="normal" data-normal-finding-value="未见明显异常"
  data-normal-rest-value='{"advice":"按期复查","referral_need":"none","interval_months":"12"}'>
  <button type="button" id="n" data-action="normal#both"></button>
  <span data-normal-target="undo" hidden><button type="button" id="u" data-action="normal#undo"></button></span>
  ${eye("right", FIELDS)}${eye("left", FIELDS)}
  <textarea name="advice"></textarea><input name="interval_months" value="6">
  <input type="radio" name="referral_need" value="none"><input type="radio" name="referral_need" value="refer"></form>`;

test("the key says the rest where nothing was said, nothing beside another need for referral, and is undone", async () => {
  await draw(REST, { normal: NormalController });
  const said = () => [
    find<HTMLTextAreaElement>("[name=advice]").value,
    find<HTMLInputElement>("[name=interval_months]").value,
    document.querySelector<HTMLInputElement>("[name=referral_need]:checked")?.value,
  ];
  find("#n").click();
  expect(said()).toEqual(["按期复查", "6", "none"]);
  find("#u").click();
  expect(said()).toEqual(["", "6", undefined]);
  find<HTMLInputElement>("[value=refer]").checked = true;
  find("#n").click();
  expect(said()).toEqual(["", "6", "refer"]);
});

const PHRASES = `<div data-eye="left"><button data-controller="phrase" data-phrase-into-value="f-{eye}-findings"
  data-phrase-text-value="硬性渗出" data-phrase-glue-value="，"></button>
  <textarea id="f-left-findings">微血管瘤</textarea></div>`;

test("a phrase goes into the current eye when pressed, once, and never by itself", async () => {
  await draw(PHRASES, { phrase: PhraseController });
  expect(value("#f-left-findings")).toBe("微血管瘤");
  find("button").click();
  find("button").click();
  expect(value("#f-left-findings")).toBe("微血管瘤，硬性渗出");
});

const PICKS = `<fieldset data-controller="pick-list"><input data-pick-list-target="find">
  <label data-pick-list-target="item" data-text="H36.0 糖尿病视网膜病变" hidden><input type="checkbox" value="H36.0"></label>
  <label data-pick-list-target="item" data-text="H46 视神经炎" hidden><input type="checkbox" value="H46"></label></fieldset>`;

test("the one diagnosis that fits is ticked by Enter and stays on the screen", async () => {
  await draw(PICKS, { "pick-list": PickListController });
  const search = find<HTMLInputElement>("[data-pick-list-target=find]");
  search.focus();
  search.value = "h36";
  search.dispatchEvent(new Event("input"));
  press("Enter");
  expect(find<HTMLInputElement>("[value='H36.0']").checked).toBe(true);
  expect([...document.querySelectorAll("label")].map((item) => item.hidden)).toEqual([false, true]);
});

const ROOM = `<div data-controller="room eye keys" data-eye="right">
  <button data-action="eye#choose" data-eye-side-param="R" data-eye-target="side" data-side="R" data-shortcut="KeyR"></button>
  <button id="l" data-action="eye#choose" data-eye-side-param="L" data-eye-target="side" data-side="L" data-shortcut="KeyL"></button>
  <button data-action="room#next" data-shortcut="BracketRight"></button>
  <button data-room-target="link" aria-pressed="true"></button>
  <textarea></textarea>
  <div class="view-cell" data-room-target="cell" data-side="R"><div data-room-target="shot" data-film="1"></div></div>
  <div class="view-cell" data-room-target="cell" data-side="L"><div data-room-target="shot" data-film="2"></div></div>
  <template data-room-target="later" data-film="3"><div data-room-target="shot" data-film="3"></div></template>
  <button class="film is-on" data-action="room#film" data-room-target="film" data-film="1" data-side="R" data-seen="preview"></button>
  <button class="film is-on" data-action="room#film" data-room-target="film" data-film="2" data-side="L" data-seen="full"></button>
  <button class="film" data-action="room#film" data-room-target="film" data-film="3" data-side="R" data-seen="none"></button>
</div>`;

test("a picture is loaded only when it is opened, and the other eye stays as it is", async () => {
  await draw(ROOM, { room: RoomController, eye: EyeController, keys: KeysController });
  expect(document.querySelector(".view-cell [data-film='3']")).toBeNull();
  find(".film[data-film='3']").click();
  const shots = [...document.querySelectorAll<HTMLElement>(".view-cell [data-film]")];
  expect(shots.map((shot) => [shot.dataset.film, shot.hidden])).toEqual([
    ["1", true],
    ["3", false],
    ["2", false],
  ]);
  expect(find(".film[data-film='3']").dataset.seen).toBe("preview");
});

test("single keys choose the eye, but not while somebody types", async () => {
  await draw(ROOM, { room: RoomController, eye: EyeController, keys: KeysController });
  press("KeyL");
  expect(find("[data-controller]").dataset.eye).toBe("left");
  find("textarea").focus();
  press("KeyR");
  expect(find("[data-controller]").dataset.eye).toBe("left");
});

/** The browser in full screen, until it is left. */
function fillScreen(): () => boolean {
  let full: Element | null = document.documentElement;
  Object.defineProperty(document, "fullscreenElement", { configurable: true, get: () => full });
  document.exitFullscreen = async () => {
    full = null;
  };
  return () => full !== null;
}

test("in full screen a key presses what is seen; for what is not it leaves full screen", async () => {
  await draw(
    `<div data-controller="keys"><button id="tool" data-shortcut="KeyB"></button>
      <section class="grade"><button id="n" data-shortcut="KeyN"></button></section></div>`,
    { keys: KeysController },
  );
  const pressed: string[] = [];
  document.body.addEventListener("click", ({ target }) => pressed.push((target as Element).id));
  const isFull = fillScreen();
  press("KeyB");
  expect([pressed, isFull()]).toEqual([["tool"], true]);
  expect(press("KeyN").defaultPrevented).toBe(true);
  expect([pressed, isFull()]).toEqual([["tool"], false]);
  press("KeyN");
  expect(pressed).toEqual(["tool", "n"]);
});

const CHECK = `<div data-controller="report-check sign" data-report-check-url-value="/check" data-sign-preview-value="/preview" data-sign-dialog-value="sign-dialog">
  <form id="report-form" data-controller="autosave" data-autosave-url-value="/draft" data-autosave-method-value="POST" data-report-check-target="form"><textarea name="advice" id="f-advice"></textarea></form>
  <p data-report-check-target="outcome">—</p><div data-report-check-target="override" hidden></div>
  <span class="sign-why" data-report-check-target="why" hidden><span data-report-check-target="list"></span></span>
  <button data-report-check-target="sign" data-sign-target="button" aria-disabled="true"></button>
  <dialog id="sign-dialog"><form><p data-sign-part="title"></p><dl data-sign-part="lines"></dl><input name="shown_sha256"></form></dialog></div>`;
const PROBLEM = {
  field: "advice",
  code: "field-missing",
  label: "建议",
  sentence: "请填写此项。",
  anchor: "f-advice",
};
const SHOWN = {
  title: "眼底筛查阅片报告",
  lines: [{ label: "右眼(OD)", text: "良好" }],
  shown_sha256: "ab",
};

test("a blocked signature says why with a link to the field", async () => {
  serve(() => json({ outcome: null, problems: [PROBLEM] }));
  await draw(CHECK, { "report-check": ReportCheckController, sign: SignController });
  await tick(10);
  const link = find<HTMLAnchorElement>(".sign-why a");
  expect([link.textContent, find("button").getAttribute("aria-disabled")]).toEqual([
    "建议",
    "true",
  ]);
  link.click();
  expect(document.activeElement?.id).toBe("f-advice");
});

test("in full screen nothing is signed and no field is worked before it is seen again", async () => {
  const asked = serve(() => json({ outcome: null, problems: [PROBLEM] }));
  const page = CHECK.replace("<form id", '<section class="grade"><form id').replace(
    "</form>",
    "</form></section>",
  );
  await draw(page, { "report-check": ReportCheckController, sign: SignController });
  await tick(10);
  const isFull = fillScreen();
  find(".sign-why a").click();
  expect(document.activeElement?.id).not.toBe("f-advice");
  await tick();
  expect([isFull(), document.activeElement?.id]).toEqual([false, "f-advice"]);
  find("button").setAttribute("aria-disabled", "false");
  for (const sign of [() => press("Enter", { ctrlKey: true }), () => find("button").click()]) {
    const isStillFull = fillScreen();
    sign();
    await tick(20);
    expect(isStillFull()).toBe(false);
  }
  expect(asked.map(({ url }) => url)).toEqual(["/check"]);
  expect(find<HTMLDialogElement>("dialog").open).toBe(false);
});

test("the draft is saved and shown as the server has it before the password is asked", async () => {
  const asked = serve(({ url }) =>
    url === "/check"
      ? json({ outcome: { text: "转诊眼科", why: "左眼", rule: "outcome 2026.1" }, problems: [] })
      : json(url.startsWith("/preview") ? SHOWN : { version: 1 }),
  );
  await draw(CHECK, {
    "report-check": ReportCheckController,
    sign: SignController,
    autosave: AutosaveController,
  });
  await tick(10);
  const advice = find<HTMLTextAreaElement>("#f-advice");
  advice.value = "4 周内就诊";
  press("Enter", { ctrlKey: true });
  await tick(50);
  const paths = asked.map(({ url }) => url.split("?")[0]);
  expect(paths).toEqual(["/check", "/draft", "/preview"]);
  expect(asked.at(-1)?.url).toMatch(/\?device=(desk|small)&display=\d+x\d+$/);
  expect(find<HTMLInputElement>("[name=shown_sha256]").value).toBe("ab");
  expect(find("[data-sign-part=lines]").textContent).toBe("右眼(OD)良好");
  expect(find<HTMLDialogElement>("dialog").open).toBe(true);
});
