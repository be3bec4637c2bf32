import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draw, find, json, press, say, serve, setMeta, tick } from "../page.testing";
import { FormController } from "./form_controller";

const PAGE = `
<form data-controller="form" data-form-url-value="/api/reports/1/draft" data-form-network-value="网络中断">
  <div class="field"><label for="q">右眼质量</label><input id="q" name="right.quality" value="good"></div>
  <div class="field"><label for="c">杯盘比</label><input id="c" name="right.cup_disc" data-type="number" value="0.4"></div>
  <input name="left.note" value="">
  <input type="checkbox" name="consent.service" value="true" checked>
  <label><input type="radio" name="grade" value="R1"></label>
  <label><input type="checkbox" name="flags[]" value="a" checked><input type="checkbox" name="flags[]" value="b"></label>
  <input name="images.0.eye" value="R"><input name="images.1.eye" value="L">
  <fieldset disabled><input name="off" value="x"></fieldset>
  <div data-when-off><input name="hidden_part" value="x"></div>
  <button class="btn btn-main" type="submit" name="then" value="next">签发</button>
</form>`;

let reload: ReturnType<typeof vi.spyOn>;
let assign: ReturnType<typeof vi.spyOn>;

beforeEach(() => {
  document.head.replaceChildren();
  setMeta("csrf-token", "t0ken");
  document.documentElement.lang = "zh-Hans";
  say({ working: "处理中…", failed: "未完成（{status}）" });
  reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
  assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

function submit(): void {
  const form = find<HTMLFormElement>("form");
  form.requestSubmit(find<HTMLButtonElement>("button"));
}

test("a form goes out as nested JSON with token and language", async () => {
  const asked = serve(() => json({}));
  await draw(PAGE, { form: FormController });
  submit();
  await tick();
  expect(asked[0]?.method).toBe("POST");
  expect(asked[0]?.headers.get("X-CSRF-Token")).toBe("t0ken");
  expect(asked[0]?.headers.get("Accept-Language")).toBe("zh-Hans");
  expect(asked[0]?.body).toEqual({
    right: { quality: "good", cup_disc: 0.4 },
    left: { note: null },
    consent: { service: true },
    grade: null,
    flags: ["a"],
    images: [{ eye: "R" }, { eye: "L" }],
    // biome-ignore lint/suspicious/noThenProperty: the pressed button's own name, as data
    then: "next",
  });
  expect(reload).toHaveBeenCalledOnce();
});

test("a location is followed, but never to another site", async () => {
  const done = vi.fn();
  serve(() => json({ location: "/cases/7" }));
  await draw(PAGE, { form: FormController });
  submit();
  await tick();
  expect(assign).toHaveBeenCalledOnce();

  for (const location of ["//evil.example/x", "https://evil.example/", "javascript:alert(1)"]) {
    serve(() => json({ location }));
    find("form").addEventListener("form:done", done);
    submit();
    await tick();
  }
  expect(assign).toHaveBeenCalledOnce();
});

test("a refusal that leads somewhere says where, but never to another site", async () => {
  say({ failed: "未完成（{status}）", open: "打开查看" });
  await draw(PAGE, { form: FormController });
  serve(() => json({ detail: "已转诊", location: "/cases/7#booking" }, 409));
  submit();
  await tick();
  expect(find<HTMLAnchorElement>(".notice a").getAttribute("href")).toBe("/cases/7#booking");
  expect(assign).not.toHaveBeenCalled();
  serve(() => json({ detail: "已转诊", location: "//evil.example/x" }, 409));
  submit();
  await tick();
  expect(document.querySelector(".notice a")).toBeNull();
});

test("a refusal stands at its fields and at the top, and nothing typed is lost", async () => {
  const errors = [
    { field: "right.cup_disc", sentence: "0 到 1 之间。" },
    { field: "flags.0", sentence: "没有这一项。" },
    { field: "elsewhere", sentence: "缺少知情同意。" },
  ];
  serve(() => json({ detail: "3 处需要核对。", errors }, 422));
  await draw(PAGE, { form: FormController });
  find<HTMLInputElement>("#c").value = "4";
  submit();
  await tick();
  const top = find("form > .notice");
  expect(top.getAttribute("role")).toBe("alert");
  expect(top.textContent).toBe("3 处需要核对。缺少知情同意。");
  expect(document.activeElement).toBe(top);
  const input = find<HTMLInputElement>("#c");
  expect(input.value).toBe("4");
  expect(input.getAttribute("aria-invalid")).toBe("true");
  expect(find(`#${input.getAttribute("aria-describedby")}`).textContent).toBe("0 到 1 之间。");
  expect(find("[name='flags[]']").getAttribute("aria-invalid")).toBe("true");
  expect(reload).not.toHaveBeenCalled();

  serve(() => json({ detail: "还有 1 处。", errors: [] }, 422));
  submit();
  await tick();
  expect(document.querySelectorAll(".error").length).toBe(0);
  expect(input.hasAttribute("aria-invalid")).toBe(false);
  expect(find("form > .notice").textContent).toBe("还有 1 处。");
});

test("markup in a sentence stays text", async () => {
  serve(() => json({ detail: "<img src=x onerror=alert(1)>", errors: [] }, 422));
  await draw(PAGE, { form: FormController });
  submit();
  await tick();
  expect(document.querySelector("form img")).toBeNull();
});

test("without a connection the form says so and keeps everything", async () => {
  serve(() => Promise.reject(new TypeError("Failed to fetch")));
  await draw(PAGE, { form: FormController });
  submit();
  await tick();
  expect(find("form > .notice").textContent).toBe("网络中断");
  expect(find<HTMLInputElement>("#q").value).toBe("good");
});

test("a proxy's own error page is told by its number", async () => {
  serve(() => new Response("<html>502</html>", { status: 502 }));
  await draw(PAGE, { form: FormController });
  submit();
  await tick();
  expect(find("form > .notice").textContent).toBe("未完成（502）");
});

test("a second press while the first is under way does nothing", async () => {
  let release: (answer: Response) => void = () => undefined;
  const asked = serve(() => new Promise((resolve) => (release = resolve)));
  await draw(PAGE, { form: FormController });
  submit();
  await tick();
  expect(find("button").getAttribute("aria-disabled")).toBe("true");
  expect(find("button").textContent).toBe("处理中…");
  submit();
  press("Enter", { ctrlKey: true });
  release(json({}));
  await tick();
  expect(asked.length).toBe(1);
  expect(find("button").textContent).toBe("签发");
  expect(find("button").hasAttribute("aria-disabled")).toBe(false);
});
