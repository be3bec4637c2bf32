import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tellProved } from "../lib/proof";
import { draw, find, json, say, serve, setMeta, tick } from "../page.testing";
import { FormController } from "./form_controller";
import { ProveController } from "./prove_controller";
import { ProvedController } from "./proved_controller";
import { SignController } from "./sign_controller";

const FORM = `<form data-controller="form" data-form-url-value="/api/act" data-form-stay-value="true">
  <input name="reason" value="听风"><fieldset><p data-controller="prove" data-prove-url-value="/again">
  <strong data-prove-target="blocked" hidden><a data-prove-target="link" href="/again">打开</a></strong></p></fieldset>
  <button class="btn-main" type="submit" name="how" value="now">签发</button></form>`;
const CONTROLLERS = { form: FormController, prove: ProveController };

beforeEach(() => {
  say({ working: "…", network: "网络不通" });
  setMeta("csrf-token", "old");
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  document.head.replaceChildren();
});

/** The identity provider's window as this browser opens it: the attempts it was opened for. */
function windows(answer: unknown = {}): string[] {
  const attempts: string[] = [];
  vi.stubGlobal("open", (address: string, name: string) => {
    expect(name).toBe("lianzhen-prove");
    expect(address).toMatch(/^\/again\?attempt=[0-9a-f]{32}$/);
    attempts.push(address.slice(-32));
    return answer;
  });
  return attempts;
}

function tell(attempt: string | undefined): void {
  tellProved({ token: "new", attempt: String(attempt) });
}

function press(): void {
  find<HTMLButtonElement>("button").click();
}

test("a form goes once the provider has asked again, with everything that was typed", async () => {
  const asked = serve(() => json({}));
  const attempts = windows();
  await draw(FORM, CONTROLLERS);
  press();
  await tick(20);
  expect(attempts.length).toBe(1);
  expect(asked).toEqual([]);
  tell(attempts[0]);
  await vi.waitFor(() => expect(asked.length).toBe(1));
  expect(asked[0]?.body).toEqual({ reason: "听风", how: "now" });
  expect(asked[0]?.headers.get("X-CSRF-Token")).toBe("new");
  press(); // the next act is asked for anew
  await tick(20);
  expect(asked.length).toBe(1);
});

test("a proof that this page has not asked for sends nothing", async () => {
  const asked = serve(() => json({}));
  const attempts = windows();
  await draw(FORM, CONTROLLERS);
  tell("");
  press();
  tell("0".repeat(32));
  await tick(50);
  expect(asked).toEqual([]);
  tell(attempts[0]);
  await vi.waitFor(() => expect(asked.length).toBe(1));
});

test("an attempt that was given up is not sent by the proof of another, nor by its own", async () => {
  const asked = serve(() => json({}));
  const attempts = windows();
  await draw(`<dialog>${FORM}</dialog>`, CONTROLLERS);
  const dialog = find<HTMLDialogElement>("dialog");
  dialog.showModal();
  press();
  dialog.close();
  await tick(20);
  dialog.showModal();
  tell(attempts[0]);
  await tick(50);
  expect(asked).toEqual([]);
});

test("what is no longer asked is not sent", async () => {
  const asked = serve(() => json({}));
  const attempts = windows();
  await draw(FORM, CONTROLLERS);
  press();
  find<HTMLFieldSetElement>("fieldset").disabled = true;
  tell(attempts[0]);
  await tick(50);
  expect(asked).toEqual([]);
});

test("a browser that opens no window says so, and leads there", async () => {
  const asked = serve(() => json({}));
  const attempts = windows(null);
  await draw(FORM, CONTROLLERS);
  press();
  expect(find("strong").hidden).toBe(false);
  expect(find<HTMLAnchorElement>("strong a").getAttribute("href")).toBe(
    `/again?attempt=${attempts[0]}`,
  );
  tell(attempts[0]);
  await vi.waitFor(() => expect(asked.length).toBe(1));
  expect(find("strong").hidden).toBe(true);
});

test("where nothing is to be proved the form goes at once", async () => {
  const asked = serve(() => json({}));
  await draw(FORM.replace("<fieldset>", "<fieldset disabled>"), CONTROLLERS);
  press();
  await vi.waitFor(() => expect(asked.length).toBe(1));
});

test("the small window tells the page that waits, and closes", async () => {
  const close = vi.fn();
  vi.stubGlobal("close", close);
  const heard = new BroadcastChannel("lianzhen-proved");
  const told = new Promise((resolve) => {
    heard.onmessage = ({ data }) => resolve(data);
  });
  await draw(
    `<div data-controller="proved" data-proved-token-value="t" data-proved-attempt-value="a"></div>`,
    {
      proved: ProvedController,
    },
  );
  expect(await told).toEqual({ token: "t", attempt: "a" });
  expect(close).toHaveBeenCalled();
  heard.close();
});

test.each([
  ["签名时段至 10:20", true],
  ["", false],
])("in a signing window no password is asked: %s", async (window, isWindowed) => {
  serve(() => json({ lines: [], shown_sha256: "s", window }));
  await draw(
    `<div data-controller="sign" data-sign-preview-value="/preview" data-sign-dialog-value="d">
     <button data-sign-target="button"></button><dialog id="d"><form>
     <fieldset data-sign-part="alone"><input name="password"></fieldset>
     <fieldset data-sign-part="windowed" hidden disabled><input name="by" value="window"><span data-sign-part="window"></span></fieldset>
     </form></dialog></div>`,
    { sign: SignController },
  );
  press();
  await vi.waitFor(() => expect(find<HTMLDialogElement>("dialog").open).toBe(true));
  expect(find<HTMLFieldSetElement>("[data-sign-part=alone]").disabled).toBe(isWindowed);
  expect(find<HTMLFieldSetElement>("[data-sign-part=windowed]").hidden).toBe(!isWindowed);
  expect(find("[data-sign-part=window]").textContent).toBe(window);
});
