import { expect, test } from "vitest";
import { draw, find, json, serve, tick } from "../page.testing";
import { FormController } from "./form_controller";
import { OnceController } from "./once_controller";

const PAGE = `
<section data-controller="once">
  <form id="add" data-once-target="form" data-controller="form" data-form-url-value="/api/admin/people"
    data-form-stay-value="true"><input name="login"><button type="submit">添加</button></form>
  <div id="shown" data-once-target="shown" tabindex="-1" hidden>
    <b data-once="login"></b><output data-once="password"></output><i data-once="nothing">?</i>
    <a data-once-id="/admin/people/" href="/admin/people">打开</a>
  </div>
</section>`;

const BEHAVIOURS = { form: FormController, once: OnceController };

test("a one-time password is shown in place of the form, as text", async () => {
  serve(() => json({ id: "a/b", login: "zhou", password: "<b>abcd</b>" }));
  await draw(PAGE, BEHAVIOURS);
  find<HTMLFormElement>("#add").requestSubmit();
  await tick();
  expect(find("#add").hidden).toBe(true);
  expect(find("#shown").hidden).toBe(false);
  expect(find("output").textContent).toBe("<b>abcd</b>");
  expect(find("i").textContent).toBe("");
  expect(find("a").getAttribute("href")).toBe("/admin/people/a%2Fb");
});

test("a refusal leaves the form where it is", async () => {
  serve(() => json({ detail: "该登录名已被使用，请换一个。" }, 409));
  await draw(PAGE, BEHAVIOURS);
  find<HTMLFormElement>("#add").requestSubmit();
  await tick();
  expect(find("#add").hidden).toBe(false);
  expect(find("#shown").hidden).toBe(true);
});
