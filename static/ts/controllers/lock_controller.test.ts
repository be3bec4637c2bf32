import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onCovered, onUnlocked, tellLocked } from "../lib/lock";
import { draw, find, json, say, serve, setMeta, tick } from "../page.testing";
import { AskedController } from "./asked_controller";
import { FormController } from "./form_controller";
import { LockController } from "./lock_controller";

const root = document.documentElement;

function page(after: number): string {
  return `
<form id="below"><input name="name" value="听风"><input type="password" name="secret"></form>
<dialog id="lock" data-controller="lock" data-lock-after-value="${after}">
  <form data-lock-target="form"><h2>已锁定</h2>
    <input name="login" value="chen"><input name="affiliation_id" value="a">
    <div class="field"><input type="password" name="password"></div>
    <div data-lock-target="code" hidden><div class="field"><input name="code"></div></div>
    <button type="submit">解锁</button>
  </form>
</dialog>`;
}

beforeEach(() => {
  say({ working: "…", network: "网络不通" });
  setMeta("csrf-token", "old");
  document.title = "患者 听风";
});
afterEach(() => {
  vi.restoreAllMocks();
  root.className = "";
  document.head.replaceChildren();
});

function submit(): void {
  find<HTMLButtonElement>("#lock button").click();
}

test("a page that nobody touches is covered, and the server is told", async () => {
  const asked = serve(() => json({}));
  await draw(page(0), { lock: LockController });
  await tick(1200);
  expect(root.classList.contains("is-locked")).toBe(true);
  expect(find<HTMLDialogElement>("#lock").open).toBe(true);
  expect(document.title).toBe("已锁定");
  expect(asked.map(({ url }) => url)).toContain("/api/session/lock");
  expect(find<HTMLInputElement>("[name=name]").value).toBe("听风");
});

test("the right password uncovers it under the token of the answer", async () => {
  const asked = serve(({ url }) => json(url.endsWith("unlock") ? { csrf_token: "new" } : {}));
  const heard: string[] = [];
  onUnlocked(() => heard.push("unlocked"));
  await draw(page(600), { lock: LockController });
  tellLocked();
  expect(root.classList.contains("is-locked")).toBe(true);
  find<HTMLInputElement>("[name=password]").value = "right";
  submit();
  await tick(20);
  expect(asked.at(-1)?.body).toMatchObject({ login: "chen", password: "right" });
  expect(root.classList.contains("is-locked")).toBe(false);
  expect(find<HTMLDialogElement>("#lock").open).toBe(false);
  expect(document.title).toBe("患者 听风");
  expect(find<HTMLMetaElement>('meta[name="csrf-token"]').content).toBe("new");
  expect(find<HTMLInputElement>("[name=password]").value).toBe("");
  expect(heard).toEqual(["unlocked"]);
});

test("a wrong one says so, and a code is asked for where the server wants one", async () => {
  const errors = [{ field: "code", sentence: "请输入验证码" }];
  serve(() => json({ code: "code-needed", detail: "请输入验证码", errors }, 422));
  await draw(page(600), { lock: LockController });
  tellLocked();
  submit();
  await tick(20);
  expect(root.classList.contains("is-locked")).toBe(true);
  expect(find("[data-lock-target=code]").hidden).toBe(false);
  expect(find("#lock .error").textContent).toContain("请输入验证码");
});

test("a page that is drawn while the session is locked is covered, and uncovered with the others", async () => {
  serve(() => json({ csrf_token: "new" }));
  root.className = "is-locked";
  document.title = "阅片 · C-2";
  await draw(page(600), { lock: LockController });
  expect(find<HTMLDialogElement>("#lock").open).toBe(true);
  expect(document.title).toBe("已锁定");
  submit();
  await tick(20);
  expect(root.classList.contains("is-locked")).toBe(false);
  expect(document.title).toBe("阅片 · C-2");
});

test("what is done in one tab is done in all", async () => {
  serve(() => json({}));
  await draw(page(600), { lock: LockController });
  const other = new BroadcastChannel("lock ");
  other.postMessage({ say: "lock" });
  await vi.waitFor(() => expect(root.classList.contains("is-locked")).toBe(true));
  other.postMessage({ say: "unlock", token: "newer" });
  await vi.waitFor(() => expect(root.classList.contains("is-locked")).toBe(false));
  expect(find<HTMLMetaElement>('meta[name="csrf-token"]').content).toBe("newer");
  other.close();
});

test("whatever makes the lock fall, the page is told once that it is covered", async () => {
  serve(() => json({ csrf_token: "new" }));
  const listening = new AbortController();
  const heard: boolean[] = [];
  onCovered(listening.signal, () => heard.push(root.classList.contains("is-locked")));
  await draw(page(600), { lock: LockController });
  tellLocked();
  tellLocked();
  expect(heard).toEqual([true]);
  submit();
  await tick(20);
  const other = new BroadcastChannel("lock ");
  other.postMessage({ say: "lock" });
  await vi.waitFor(() => expect(heard).toEqual([true, true]));
  other.postMessage({ say: "unlock", token: "newer" });
  await vi.waitFor(() => expect(root.classList.contains("is-locked")).toBe(false));
  other.close();
  await draw(page(0), { lock: LockController });
  await vi.waitFor(() => expect(heard).toEqual([true, true, true]), 3000);
  listening.abort();
});

test("a field that the sign-in asks for later is shown then", async () => {
  serve(() => json({ detail: "请输入验证码", errors: [{ field: "code", sentence: "码" }] }, 422));
  await draw(
    `<form data-controller="form" data-form-url-value="/api/sign-in"><div data-controller="asked"
      data-asked-field-value="code" hidden><input name="code"></div><button>登录</button></form>`,
    { form: FormController, asked: AskedController },
  );
  expect(find("[data-controller=asked]").hidden).toBe(true);
  find<HTMLButtonElement>("button").click();
  await tick(20);
  expect(find("[data-controller=asked]").hidden).toBe(false);
});
