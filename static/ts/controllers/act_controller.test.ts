import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draw, find, json, serve, tick } from "../page.testing";
import { ActController } from "./act_controller";
import { DialogController } from "./dialog_controller";

const PAGE = `
<div id="notices"></div>
<button id="take" data-controller="act" data-act-url-value="/api/queue/7/claim">领取</button>
<button id="decline" data-controller="act" data-act-url-value="/api/queue/7/decline"
  data-act-body-value='{"revision": 3}' data-act-confirm-value="why">不予受理</button>
<button id="open" data-controller="dialog" data-dialog-id-value="why">打开</button>
<dialog id="why"><form><textarea name="reason"></textarea><input type="password" name="password">
  <button type="button" data-dialog-close>返回</button><button type="submit">确定</button></form></dialog>`;

let reload: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

const BEHAVIOURS = { act: ActController, dialog: DialogController };

test("a button sends its act and the page is drawn again", async () => {
  const asked = serve(() => json({}));
  await draw(PAGE, BEHAVIOURS);
  find("#take").click();
  find("#take").click();
  await tick();
  expect(asked.map(({ url, method }) => [url, method])).toEqual([["/api/queue/7/claim", "POST"]]);
  expect(reload).toHaveBeenCalledOnce();
});

test("who came second is told who was first", async () => {
  serve(() => json({ detail: "该病例已由 李×× 于 20:14 领取。" }, 409));
  await draw(PAGE, BEHAVIOURS);
  find("#take").click();
  await tick();
  expect(find("#notices .notice").textContent).toBe("该病例已由 李×× 于 20:14 领取。");
  expect(reload).not.toHaveBeenCalled();
});

test("an act that asks first sends the reason with it, and a refusal stands in the dialog", async () => {
  const asked = serve(() => json({ detail: "写明理由。", errors: [] }, 422));
  await draw(PAGE, BEHAVIOURS);
  find("#decline").click();
  expect(find<HTMLDialogElement>("#why").open).toBe(true);
  expect(asked.length).toBe(0);
  find<HTMLTextAreaElement>("[name=reason]").value = "不在范围";
  find<HTMLFormElement>("form").requestSubmit();
  await tick();
  expect(asked[0]?.body).toEqual({ revision: 3, reason: "不在范围", password: null });
  expect(find("#why .notice").textContent).toBe("写明理由。");
  serve(() => json({}));
  find<HTMLFormElement>("form").requestSubmit();
  await tick();
  expect(find<HTMLDialogElement>("#why").open).toBe(false);
  expect(reload).toHaveBeenCalledOnce();
});

test("a closed dialog sends nothing and keeps no password", async () => {
  const asked = serve(() => json({}));
  await draw(PAGE, BEHAVIOURS);
  find("#decline").click();
  find<HTMLInputElement>("[name=password]").value = "secret";
  find("[data-dialog-close]").click();
  expect(find<HTMLDialogElement>("#why").open).toBe(false);
  expect(find<HTMLInputElement>("[name=password]").value).toBe("");
  find("#open").click();
  find<HTMLFormElement>("form").addEventListener("submit", (event) => event.preventDefault());
  find<HTMLFormElement>("form").requestSubmit();
  await tick();
  expect(asked.length).toBe(0);
});
