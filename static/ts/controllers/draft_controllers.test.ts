import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draw, find, json, say, serve, tick } from "../page.testing";
import { ActController } from "./act_controller";
import { AutosaveController } from "./autosave_controller";
import { WhenController } from "./when_controller";

const DRAFT = `
<form data-controller="autosave" data-autosave-url-value="/api/reports/1/draft">
  <textarea name="findings"></textarea><input type="password" name="password">
  <input type="hidden" name="version" value="1" data-type="number"><span data-autosave-target="state"></span></form>`;

beforeEach(() => {
  vi.useFakeTimers({
    now: new Date(2026, 0, 5, 10, 21),
    toFake: ["setTimeout", "clearTimeout", "Date"],
  });
  say({ saved: "已保存 {time}", notSaved: "未保存" });
});
afterEach(async () => {
  vi.useRealTimers();
  // what a draft sends as it goes is this test's own
  document.body.replaceChildren();
  await tick(5);
});

async function drawDraft(page: string): Promise<void> {
  const drawn = draw(page, {
    act: ActController,
    autosave: AutosaveController,
    when: WhenController,
  });
  await vi.advanceTimersByTimeAsync(1);
  await drawn;
}

async function type(text: string): Promise<void> {
  const area = find<HTMLTextAreaElement>("textarea");
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

test("a draft is kept a second after the last stroke, without the password", async () => {
  const asked = serve(() => json({ version: 2 }));
  await drawDraft(DRAFT);
  find<HTMLInputElement>("[name=password]").value = "secret";
  await type("左");
  await vi.advanceTimersByTimeAsync(900);
  await type("左眼");
  await vi.advanceTimersByTimeAsync(900);
  expect(asked.length).toBe(0);
  await vi.advanceTimersByTimeAsync(200);
  expect(asked.map(({ method, body }) => [method, body])).toEqual([
    ["PUT", { findings: "左眼", version: 1 }],
  ]);
  expect(find("span").textContent).toBe("已保存 10:21");
  expect(find<HTMLInputElement>("[name=version]").value).toBe("2");
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.length).toBe(1);
});

test("a page that is left sends what is not saved yet, once", async () => {
  const asked = serve(() => json({}));
  await drawDraft(DRAFT);
  window.dispatchEvent(new Event("pagehide"));
  expect(asked.length).toBe(0);
  await type("未完");
  window.dispatchEvent(new Event("pagehide"));
  await vi.advanceTimersByTimeAsync(1);
  expect(asked[0]?.body).toMatchObject({ findings: "未完" });
});

test("a draft changed elsewhere is not written over, and the text stays", async () => {
  const asked = serve(() => json({ detail: "对方已更新此报告，您填写的内容未丢失。" }, 409));
  await drawDraft(DRAFT);
  find("textarea").focus();
  await type("我的意见");
  await vi.advanceTimersByTimeAsync(1100);
  expect(find(".notice").textContent).toContain("您填写的内容未丢失");
  expect(document.activeElement).toBe(find("textarea"));
  await type("我的意见二");
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.length).toBe(1);
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("我的意见二");
});

test("what cannot be read is named, the rest counts as kept, and the next saving forgives it", async () => {
  const errors = [{ field: "findings", sentence: "不是视力值。" }];
  const answers = [
    json({ detail: "已保存，另有 1 项。", errors, version: 2 }, 422),
    json({ version: 3 }),
  ];
  const asked = serve(() => answers.shift() ?? json({}));
  await drawDraft(DRAFT);
  await type("3.0");
  await vi.advanceTimersByTimeAsync(1100);
  expect(find(".error").textContent).toContain("不是视力值");
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("3.0");
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.length).toBe(1);
  await type("0.3");
  await vi.advanceTimersByTimeAsync(1100);
  expect(asked[1]?.body).toEqual({ findings: "0.3", version: 2 });
  expect(document.querySelector(".error, .notice")).toBeNull();
  expect(find<HTMLInputElement>("[name=version]").value).toBe("3");
});

test("what is typed while a saving is under way is saved after it", async () => {
  const waiting: ((answer: Response) => void)[] = [];
  const asked = serve(() => new Promise<Response>((answer) => waiting.push(answer)));
  await drawDraft(DRAFT);
  await type("左");
  await vi.advanceTimersByTimeAsync(1100);
  await type("左眼");
  waiting[0]?.(json({ version: 2 }));
  await vi.advanceTimersByTimeAsync(1100);
  expect(asked.map(({ body }) => body)).toEqual([
    { findings: "左", version: 1 },
    { findings: "左眼", version: 2 },
  ]);
});

test("an unreachable server is said, and the next stroke tries again", async () => {
  const asked = serve(() => Promise.reject(new TypeError("down")));
  await drawDraft(DRAFT);
  await type("a");
  await vi.advanceTimersByTimeAsync(1100);
  expect(find("span").textContent).toBe("未保存");
  await type("ab");
  await vi.advanceTimersByTimeAsync(1100);
  expect(asked.length).toBe(2);
});

test("a part of the form appears with the answer it depends on, and is sent only then", async () => {
  await drawDraft(`<form>
    <input type="radio" name="signer.kind" value="self" checked><input type="radio" name="signer.kind" value="guardian">
    <div id="g" data-controller="when" data-when-field-value="signer.kind" data-when-values-value="guardian agent">
      <select name="relation"><option value="father" selected>父</option><option value="other">其他</option></select></div>
    <div id="o" data-controller="when" data-when-field-value="relation" data-when-values-value="other"><input name="which"></div>
    <fieldset id="d" data-controller="when" data-when-field-value="signer.kind" data-when-values-value="self" data-when-mode-value="disable"><input name="s"></fieldset>
  </form>`);
  const radios = [...document.querySelectorAll<HTMLInputElement>("[type=radio]")];
  const pick = (n: number) => {
    const radio = radios[n];
    if (radio) {
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  expect([find("#g").hidden, find("#o").hidden, find<HTMLFieldSetElement>("#d").disabled]).toEqual([
    true,
    true,
    false,
  ]);
  pick(1);
  expect([find("#g").hidden, find("#o").hidden, find<HTMLFieldSetElement>("#d").disabled]).toEqual([
    false,
    true,
    true,
  ]);
  find<HTMLSelectElement>("select").value = "other";
  find("select").dispatchEvent(new Event("change", { bubbles: true }));
  expect(find("#o").hidden).toBe(false);
  pick(0);
  expect([find("#g").hidden, find("#o").hidden]).toEqual([true, true]);
});

const BESIDE = `<button data-controller="act" data-act-url-value="/api/cases/1/priority" data-act-stay-value="true"
  data-act-body-value='{"version": 1}'>…</button><div id="notices"></div>`;

test("an act beside a draft waits until the draft is kept, and knows its new version", async () => {
  const asked = serve(() => json({ version: 2 }));
  await drawDraft(DRAFT + BESIDE);
  await type("未完");
  find("button").click();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map(({ url, body }) => [url, body])).toEqual([
    ["/api/reports/1/draft", { findings: "未完", version: 1 }],
    ["/api/cases/1/priority", { version: 2 }],
  ]);
});

test("what the server cannot keep is said, and the act beside it does not draw the page anew", async () => {
  const errors = [{ field: "findings", sentence: "太长。" }];
  const asked = serve(() => json({ detail: "未保存。", errors }, 422));
  await drawDraft(DRAFT + BESIDE);
  await type("未完");
  find("button").click();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.map(({ url }) => url)).toEqual(["/api/reports/1/draft"]);
  expect(find("textarea").getAttribute("aria-invalid")).toBe("true");
  expect(find<HTMLTextAreaElement>("textarea").value).toBe("未完");
});
