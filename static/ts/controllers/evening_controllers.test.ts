import { expect, test } from "vitest";
import { readForm } from "../lib/form_body";
import { draw, find, json, press, serve, tick } from "../page.testing";
import { ReportCheckController } from "./report_check_controller";
import { RetakeController } from "./retake_controller";
import { RuledController } from "./ruled_controller";

const ROOM = `<div data-controller="report-check" data-report-check-url-value="/check">
  <form data-controller="ruled" data-report-check-target="form">
    <textarea name="advice"></textarea>
    <input type="radio" name="referral_need" value="none"><input type="radio" name="referral_need" value="refer">
    <input name="interval_months">
    <button type="button" id="take" data-ruled-target="take" data-action="ruled#take"></button>
    <span data-ruled-target="undo" hidden><button type="button" id="undo" data-action="ruled#undo"></button></span>
    <span data-ruled-target="kept" hidden></span><span data-ruled-target="gone" hidden></span>
  </form>
  <p data-report-check-target="why"><span data-report-check-target="list"></span></p>
  <div data-report-check-target="override"><textarea></textarea></div>
  <button type="button" id="sign" data-report-check-target="sign"></button></div>`;
const PROPOSED = {
  advice: "按期复查",
  referral_need: "none",
  referral_urgency: "",
  interval_months: "12",
};
const BEHAVIOURS = { ruled: RuledController, "report-check": ReportCheckController };

function said(): unknown {
  return readForm(find<HTMLFormElement>("form"));
}

test("what follows from the rule is put where nothing was said, when it is asked for, and undone", async () => {
  const asked = serve(() => json({ outcome: null, problems: [], proposed: PROPOSED }));
  await draw(ROOM, BEHAVIOURS);
  await tick(20);
  expect(said()).toMatchObject({ advice: null, referral_need: null, interval_months: null });
  find<HTMLTextAreaElement>("[name=advice]").value = "own words";
  find("#take").click();
  await tick(20);
  expect(said()).toMatchObject({
    advice: "own words",
    referral_need: "none",
    interval_months: "12",
  });
  // what was put there is judged before anybody signs it
  expect(asked.at(-1)?.body).toMatchObject({ referral_need: "none" });
  find("#undo").click();
  expect(said()).toMatchObject({
    advice: "own words",
    referral_need: null,
    interval_months: null,
  });
});

const OTHER = {
  advice: "建议转诊",
  referral_need: "refer",
  referral_urgency: "",
  interval_months: "",
};

function write(name: string, value: string): void {
  const field = find<HTMLTextAreaElement>(`[name=${name}]`);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

test("what was put there is taken back once something else follows, but not what was written over it", async () => {
  let proposed: typeof PROPOSED | null = PROPOSED;
  serve(() => json({ outcome: null, problems: [], proposed }));
  await draw(ROOM, BEHAVIOURS);
  find("#take").click();
  await tick(20);
  expect(said()).toMatchObject({ advice: "按期复查", referral_need: "none" });
  proposed = null;
  write("interval_months", "6");
  await tick(500);
  expect(said()).toMatchObject({ advice: "按期复查", referral_need: "none" });
  proposed = OTHER;
  write("interval_months", "3");
  await tick(500);
  expect(said()).toMatchObject({ advice: null, referral_need: null, interval_months: "3" });
  expect([
    find("[data-ruled-target=undo]").hidden,
    find("[data-ruled-target=gone]").hidden,
  ]).toEqual([true, false]);
  find("#take").click();
  await tick(20);
  expect(said()).toMatchObject({ advice: "建议转诊", referral_need: "refer" });
  expect(find("[data-ruled-target=gone]").hidden).toBe(true);
});

test("a second press takes back what the first one put there, and both are undone at once", async () => {
  let proposed = PROPOSED;
  serve(() => json({ outcome: null, problems: [], proposed }));
  await draw(ROOM, BEHAVIOURS);
  await tick(20);
  find("#take").click();
  await tick(20);
  proposed = OTHER;
  find("#take").click();
  await tick(20);
  expect(said()).toMatchObject({
    advice: "建议转诊",
    referral_need: "refer",
    interval_months: null,
  });
  write("advice", "own words");
  find("#undo").click();
  expect(said()).toMatchObject({ advice: "own words", referral_need: null });
});

test("beside another need for referral nothing is put anywhere, and where nothing was put no line says so", async () => {
  serve(() => json({ outcome: null, problems: [], proposed: PROPOSED }));
  await draw(ROOM, BEHAVIOURS);
  await tick(20);
  find<HTMLInputElement>("[value=refer]").checked = true;
  find("#take").click();
  await tick(20);
  expect(said()).toMatchObject({ advice: null, referral_need: "refer", interval_months: null });
  expect([
    find("[data-ruled-target=undo]").hidden,
    find("[data-ruled-target=kept]").hidden,
  ]).toEqual([true, false]);
  find<HTMLInputElement>("[value=none]").checked = true;
  write("advice", "own words");
  write("interval_months", "6");
  find("#take").click();
  await tick(20);
  expect([
    find("[data-ruled-target=undo]").hidden,
    find("[data-ruled-target=kept]").hidden,
  ]).toEqual([true, true]);
});

test("where nothing follows yet nothing is put anywhere, then or later", async () => {
  let proposed: typeof PROPOSED | null = null;
  serve(() => json({ outcome: null, problems: [], proposed }));
  await draw(ROOM, BEHAVIOURS);
  await tick(20);
  expect(find("#take").getAttribute("aria-disabled")).toBe("true");
  find("#take").click();
  await tick(20);
  proposed = PROPOSED;
  find("[name=advice]").dispatchEvent(new Event("change", { bubbles: true }));
  await tick(500);
  expect(find("#take").getAttribute("aria-disabled")).toBe("false");
  expect(said()).toMatchObject({ advice: null, referral_need: null });
});

function places(eye: string, at: number): string {
  const options = ["", "out_of_focus", "small_pupil"].map((code) => `<option value="${code}">`);
  return `<section tabindex="-1" data-retake-target="eye" data-eye="${eye}">
    ${[at, at + 1].map((n) => `<select name="images.${n}.reason">${options.join("")}</select>`).join("")}</section>`;
}

test("an eye and a digit ask for its photographs again; no key before the eye, none while words are written", async () => {
  await draw(
    `<form data-controller="retake" data-retake-keys-value='{"Digit1":"out_of_focus","Digit4":"small_pupil"}'>
      <p id="head" tabindex="-1"></p>${places("right", 0)}${places("left", 2)}<textarea></textarea></form>`,
    { retake: RetakeController },
  );
  const reasons = () => [...document.querySelectorAll("select")].map(({ value }) => value);
  find("#head").focus();
  press("Digit1");
  expect(reasons()).toEqual(["", "", "", ""]);
  press("KeyL");
  press("Digit4", { isComposing: true });
  expect(reasons()).toEqual(["", "", "", ""]);
  press("Digit4");
  expect(reasons()).toEqual(["", "", "small_pupil", "small_pupil"]);
  find("textarea").focus();
  press("KeyR");
  press("Digit1");
  expect(reasons()).toEqual(["", "", "small_pupil", "small_pupil"]);
  find("#head").focus();
  press("KeyL");
  press("Digit4");
  expect(reasons()).toEqual(["", "", "", ""]);
});
