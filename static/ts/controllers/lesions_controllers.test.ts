import { expect, test } from "vitest";
import { readForm } from "../lib/form_body";
import { draw, find, json, serve, tick } from "../page.testing";
import { GradedController } from "./graded_controller";
import { KeepPhraseController } from "./keep_phrase_controller";
import { LesionsController } from "./lesions_controller";
import { NormalController } from "./normal_controller";
import { ToldController } from "./told_controller";

function cell(eye: string, code: string): string {
  return ["present", "absent"]
    .map(
      (said) =>
        `<label><input type="radio" name="${eye}.lesions.${code}.said" value="${said}" id="${eye}-${code}-${said}"
           data-lesions-target="said" data-eye-of="${eye}"><span>${said}</span></label>`,
    )
    .join("");
}

const TABLE = `<div data-eye="left"><form data-controller="lesions normal told" data-normal-finding-value="-"
  data-normal-rest-value='{"advice":"按期复查","referral_need":"none","interval_months":"12"}'
  data-told-keys-value='{"KeyI":"irma","KeyN":"nvd"}'>
  <details data-lesions-target="box"><summary></summary></details>
  <button type="button" id="enter" data-action="lesions#enter"></button>
  <button type="button" id="rest" data-action="told#rest" data-told-eye-param="right"></button>
  <button type="button" id="n" data-action="normal#both"></button>
  <span data-normal-target="undo" hidden><button type="button" id="u" data-action="normal#undo"></button></span>
  <select name="right.quality"><option value=""></option><option value="good"></option><option value="ungradable"></option></select>
  <span data-normal-target="gone" hidden></span>
  <textarea name="advice"></textarea><input name="interval_months">
  ${["none", "refer"].map((need) => `<input type="radio" name="referral_need" value="${need}">`).join("")}
  <button type="button" id="next" data-told-target="next"></button>
  <table data-lesions-target="table" data-told-target="table"><tbody>
  ${["irma", "nvd"].map((code) => `<tr><td>${cell("right", code)}</td><td>${cell("left", code)}</td></tr>`).join("")}
  </tbody></table></form></div>`;

function said(): unknown {
  return readForm(find<HTMLFormElement>("form"));
}

function key(code: string, more: KeyboardEventInit = {}): void {
  const event = new KeyboardEvent("keydown", {
    code,
    ...more,
    bubbles: true,
    cancelable: true,
  });
  (document.activeElement ?? document.body).dispatchEvent(event);
}

async function drawTable(): Promise<void> {
  await draw(TABLE, {
    lesions: LesionsController,
    normal: NormalController,
    told: ToldController,
  });
}

test("nothing is said of any lesion until somebody says it", async () => {
  await drawTable();
  expect(said()).toMatchObject({
    right: { lesions: { irma: { said: null }, nvd: { said: null } } },
  });
});

test("single keys say it, move on, and take it back; never while words are composed", async () => {
  await drawTable();
  find("#enter").click();
  expect(find<HTMLDetailsElement>("details").open).toBe(true);
  expect(document.activeElement?.id).toBe("left-irma-present");
  key("Equal", { isComposing: true });
  expect(said()).toMatchObject({ left: { lesions: { irma: { said: null } } } });
  key("Equal");
  key("ArrowDown");
  key("Minus");
  expect(said()).toMatchObject({
    left: { lesions: { irma: { said: "present" }, nvd: { said: "absent" } } },
  });
  key("Backspace");
  expect(said()).toMatchObject({ left: { lesions: { nvd: { said: null } } } });
});

test("letters are lesions, and Enter tells one eye and then the other; a held key tells none", async () => {
  await drawTable();
  find("#enter").click();
  key("KeyN", { isComposing: true });
  key("KeyN", { ctrlKey: true });
  expect(said()).toMatchObject({ left: { lesions: { nvd: { said: null } } } });
  key("KeyN");
  key("KeyI");
  key("KeyI");
  expect(said()).toMatchObject({
    left: { lesions: { irma: { said: null }, nvd: { said: "present" } } },
  });
  key("Enter");
  expect(document.activeElement?.id).toBe("right-irma-present");
  key("Enter", { repeat: true });
  const told = { irma: { said: "absent" }, nvd: { said: "present" } };
  expect(said()).toMatchObject({
    left: { lesions: told },
    right: { quality: null, lesions: { irma: { said: null } } },
  });
  key("KeyI");
  key("Enter");
  expect(said()).toMatchObject({
    right: { quality: "good", lesions: { irma: { said: "present" }, nvd: { said: "absent" } } },
  });
  expect(document.activeElement?.id).toBe("next");
});

test("of an eye that cannot be graded nothing is not seen", async () => {
  await drawTable();
  find<HTMLSelectElement>("[name='right.quality']").value = "ungradable";
  find("#rest").click();
  expect(said()).toMatchObject({
    right: { quality: "ungradable", lesions: { irma: { said: null }, nvd: { said: null } } },
  });
  find("#enter").click();
  key("Enter");
  expect(document.activeElement?.id).toBe("next");
});

test("the rest of one eye was not seen: what was said stays, the other eye stays", async () => {
  await drawTable();
  find<HTMLInputElement>("#right-irma-present").checked = true;
  find("#rest").click();
  expect(said()).toMatchObject({
    right: { lesions: { irma: { said: "present" }, nvd: { said: "absent" } } },
    left: { lesions: { irma: { said: null }, nvd: { said: null } } },
  });
});

test("a second press takes back what was said", async () => {
  await drawTable();
  const radio = find<HTMLInputElement>("#right-nvd-present");
  radio.checked = true;
  radio.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  radio.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(radio.checked).toBe(false);
});

test("both eyes without an abnormality says so of every lesion, and is undone whole", async () => {
  await drawTable();
  find<HTMLInputElement>("#left-nvd-present").checked = true;
  find("#n").click();
  const none = { irma: { said: "absent" }, nvd: { said: "absent" } };
  expect(said()).toMatchObject({ right: { lesions: none }, left: { lesions: none } });
  find("#u").click();
  expect(said()).toMatchObject({
    right: { lesions: { irma: { said: null }, nvd: { said: null } } },
    left: { lesions: { irma: { said: null }, nvd: { said: "present" } } },
  });
});

function follows(referral_need: string, advice = ""): void {
  const detail = { proposed: { referral_need, advice } };
  document.dispatchEvent(new CustomEvent("report-check:found", { detail }));
}

test("what both eyes without an abnormality say of the patient is taken back once something else follows", async () => {
  await drawTable();
  find("#n").click();
  const rest = { advice: "按期复查", referral_need: "none", interval_months: "12" };
  expect(said()).toMatchObject(rest);
  // an older answer, then the one to what the key said
  follows("refer");
  follows("none");
  expect(said()).toMatchObject(rest);
  find<HTMLInputElement>("#right-irma-present").checked = true;
  find<HTMLInputElement>("[name=interval_months]").value = "6";
  document.dispatchEvent(new CustomEvent("report-check:found", { detail: { proposed: null } }));
  expect(said()).toMatchObject({ ...rest, interval_months: "6" });
  follows("refer");
  expect(said()).toMatchObject({
    advice: null,
    referral_need: null,
    interval_months: "6",
    right: { quality: "good", lesions: { irma: { said: "present" }, nvd: { said: "absent" } } },
  });
  expect(find("[data-normal-target=gone]").hidden).toBe(false);
  find("#u").click();
  expect(said()).toMatchObject({
    interval_months: "6",
    right: { quality: null, lesions: { irma: { said: "present" }, nvd: { said: null } } },
  });
});

test("beside another need for referral both eyes are told and nothing more; a second press can be undone whole", async () => {
  await drawTable();
  const refer = find<HTMLInputElement>("[value=refer]");
  refer.checked = true;
  find("#n").click();
  expect(said()).toMatchObject({ advice: null, referral_need: "refer", interval_months: null });
  expect(said()).toMatchObject({ right: { quality: "good" } });
  refer.checked = false;
  find("#n").click();
  find("#n").click();
  expect(said()).toMatchObject({ advice: "按期复查", referral_need: "none" });
  find("#u").click();
  expect(said()).toMatchObject({
    advice: null,
    referral_need: null,
    right: { quality: null, lesions: { irma: { said: null } } },
  });
  expect(find("[data-normal-target=undo]").hidden).toBe(true);
});

const GRADES = `<div data-controller="graded" data-action="told@document->graded#show"
  data-graded-unsaid-value="还未判" data-graded-rule-value="按规则" data-graded-none-value="未判">
  <p data-graded-target="line" hidden></p>
  <select data-graded-target="grade" data-eye-of="left" data-scale="icdr"><option value="">未判</option></select>
  <output data-graded-target="computed" data-eye-of="left"></output>
  <div data-graded-target="reason" data-eye-of="left" hidden><textarea></textarea></div></div>`;

test("a computed grade is named in the empty choice and chosen by nobody", async () => {
  await draw(GRADES, { graded: GradedController });
  const left = {
    grades: { icdr: "中度" },
    spans: {},
    text: "中度",
    unsaid: "",
    is_overridden: true,
  };
  document.dispatchEvent(new CustomEvent("told", { detail: { left } }));
  const grade = find<HTMLSelectElement>("select");
  expect([grade.value, grade.options[0]?.textContent]).toEqual(["", "中度 · 按规则"]);
  expect(find("[data-graded-target=reason]").hidden).toBe(false);
  document.dispatchEvent(new CustomEvent("told", { detail: {} }));
  expect([grade.options[0]?.textContent, find("p").hidden]).toEqual(["未判", true]);
  expect(find("[data-graded-target=reason]").hidden).toBe(true);
});

test("what stands in a field is kept as a phrase and offered at once, one time", async () => {
  const asked = serve(() => json({ id: "1", part: "advice", text: "复查", version: 1 }));
  await draw(
    `<form><textarea id="f-advice"> 复查 </textarea><p data-controller="keep-phrase" data-keep-phrase-url-value="/api/phrases"
      data-keep-phrase-part-value="advice" data-keep-phrase-from-value="f-advice" data-keep-phrase-kept-value="已保存">
      <template data-keep-phrase-target="made"><button data-controller="phrase"><span></span></button></template>
      <button type="button" id="keep" data-action="keep-phrase#keep" data-keep-phrase-target="keep"></button></p></form>`,
    { "keep-phrase": KeepPhraseController },
  );
  find("#keep").click();
  await tick(5);
  find("#keep").click();
  await tick(5);
  expect(asked[0]?.body).toEqual({ part: "advice", text: "复查" });
  expect(
    [...document.querySelectorAll("[data-controller=phrase]")].map((b) => b.textContent),
  ).toEqual(["复查"]);
});
