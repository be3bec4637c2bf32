import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draw, find, json, press, say, serve, tick } from "../page.testing";
import { KeysController } from "./keys_controller";
import { LanguageController } from "./language_controller";
import { NamesController } from "./names_controller";
import { PrintController } from "./print_controller";
import { SignoutController } from "./signout_controller";

afterEach(() => {
  vi.restoreAllMocks();
  sessionStorage.clear();
  document.documentElement.className = "";
});
beforeEach(() => say({ hideNames: "一键隐藏姓名", showNames: "显示姓名" }));

test("names hide by one press, and stay hidden on the next page of this tab", async () => {
  const page = `<button data-controller="names"><span data-names-target="text"></span></button>`;
  await draw(page, { names: NamesController });
  find("button").click();
  expect(document.documentElement.classList.contains("names-hidden")).toBe(true);
  expect(find("button").getAttribute("aria-pressed")).toBe("true");
  expect(find("span").textContent).toBe("显示姓名");
  document.documentElement.className = "";
  await draw(page, { names: NamesController });
  expect(document.documentElement.classList.contains("names-hidden")).toBe(true);
  find("button").click();
  expect(document.documentElement.classList.contains("names-hidden")).toBe(false);
});

const LIST = `
<div data-controller="keys" data-keys-help-value="help">
  <input data-keys-target="find">
  <button id="ten" data-shortcut="KeyT">领取 10 例</button>
  <table><tbody>
    <tr data-keys-target="row"><td><a class="row-link" href="#a">a</a><button data-shortcut="KeyT">领取</button></td></tr>
    <tr data-keys-target="row"><td><a class="row-link" href="#b">b</a><button data-shortcut="KeyT">领取</button></td></tr>
  </tbody></table>
</div><dialog id="help"></dialog>`;

function pressed(): string[] {
  const names: string[] = [];
  for (const button of document.querySelectorAll<HTMLElement>("button, a")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      names.push(button.closest("tr")?.querySelector("a")?.textContent ?? button.id);
    });
  }
  return names;
}

test("a list is walked and worked by keys", async () => {
  await draw(LIST, { keys: KeysController });
  const names = pressed();
  press("KeyT");
  press("ArrowDown");
  press("ArrowDown");
  press("ArrowDown");
  expect(document.activeElement?.textContent).toBe("b");
  expect(find("tr.is-on").textContent).toContain("b");
  press("KeyT");
  press("ArrowUp");
  press("KeyT");
  expect(names).toEqual(["ten", "b", "a"]);
  press("Slash");
  expect(document.activeElement).toBe(find("input"));
});

test("no key fires in a text field, while an input method composes, or with Ctrl", async () => {
  await draw(LIST, { keys: KeysController });
  const names = pressed();
  press("KeyT", { isComposing: true });
  press("KeyT", { ctrlKey: true });
  find("input").focus();
  press("KeyT");
  press("Slash", { shiftKey: true });
  expect(names).toEqual([]);
  expect(find<HTMLDialogElement>("dialog").open).toBe(false);
  find("input").blur();
  press("Slash", { shiftKey: true });
  expect(find<HTMLDialogElement>("dialog").open).toBe(true);
  press("KeyT");
  expect(names).toEqual([]);
});

test("the language is changed at the server and the page drawn again", async () => {
  const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
  const asked = serve(() => json({}));
  await draw(
    `<button data-controller="language" data-language-url-value="/api/language" data-language-to-value="en">English</button>`,
    { language: LanguageController },
  );
  find("button").click();
  await tick();
  expect(asked[0]?.body).toEqual({ language: "en" });
  expect(reload).toHaveBeenCalledOnce();
});

test("printing tells the server first", async () => {
  const print = vi.fn();
  vi.stubGlobal("print", print);
  window.print = print;
  const asked = serve(() => json({}));
  await draw(
    `<button data-controller="print" data-print-url-value="/api/slips/1/printed"></button>`,
    {
      print: PrintController,
    },
  );
  find("button").click();
  await tick();
  expect(asked[0]?.url).toBe("/api/slips/1/printed");
  expect(print).toHaveBeenCalledOnce();
});

test("signing out leaves nothing in the browser; a refused sign-out leaves everything", async () => {
  vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  localStorage.setItem("left", "1");
  await draw(
    `<div id="notices"></div><button data-controller="signout" data-signout-url-value="/api/sign-out" data-signout-confirm-value="ask"></button>`,
    {
      signout: SignoutController,
    },
  );
  serve(() => json({ detail: "稍后再试。" }, 503));
  find("button").click();
  await tick();
  expect(localStorage.getItem("left")).toBe("1");
  expect(find("#notices").textContent).toBe("稍后再试。");
  serve(() => json({ location: "/sign-in" }));
  find("button").click();
  await tick();
  expect(localStorage.length).toBe(0);
});

test("a chosen photograph is marked by R or L, never while a reason is being typed", async () => {
  const page = `<input id="why" form="f"><label><input id="one" type="checkbox" form="f" checked></label>
    <form id="f" data-controller="keys"><button type="button" id="right" data-shortcut="KeyR"></button><button type="button" id="left" data-shortcut="KeyL"></button></form>`;
  await draw(page, { keys: KeysController });
  const names = pressed();
  find("#one").focus();
  press("KeyR");
  find("#why").focus();
  press("KeyL");
  expect(names).toEqual(["right"]);
});
