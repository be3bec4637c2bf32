import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CodeController } from "../controllers/code_controller";
import { OnceController } from "../controllers/once_controller";
import { SignoutController } from "../controllers/signout_controller";
import { draw, find, json, serve, setMeta, tick } from "../page.testing";
import { send } from "./api";
import { icon } from "./icons";
import { go, under } from "./place";
import { showProblem } from "./problems";

let gone: string[] = [];

beforeEach(() => {
  gone = [];
  vi.spyOn(window.location, "assign").mockImplementation((url) => void gone.push(String(url)));
  setMeta("base-path", "/lianzhen");
});

afterEach(() => {
  vi.restoreAllMocks();
  document.querySelector('meta[name="base-path"]')?.remove();
});

test("what a script asks for lies below the prefix", async () => {
  const asked = serve(() => json({ location: "/cases" }));
  const answer = await send("/api/cases");
  expect(asked.map(({ url }) => url)).toEqual(["/lianzhen/api/cases"]);
  expect(answer).toEqual({ kind: "done", data: { location: "/cases" } });
});

test("an answer's location is followed below the prefix, and never to another server", () => {
  expect(go("/cases?view=done")).toBe(true);
  expect(gone).toEqual([new URL("/lianzhen/cases?view=done", window.location.href).href]);
  for (const elsewhere of ["//other.test/x", "https://other.test/x", "cases"]) {
    expect(go(elsewhere)).toBe(false);
  }
  expect(gone).toHaveLength(1);
});

test("what a script draws leads below the prefix", async () => {
  const page = await draw('<div id="place"></div>', {});
  page.dataset.icons = "/static/icons.svg";
  const place = find("#place");
  const refusal = { status: 409, code: "", detail: "x", errors: [], location: "/cases/1#booking" };
  showProblem(place, refusal);
  expect(find<HTMLAnchorElement>("#place a").getAttribute("href")).toBe(
    "/lianzhen/cases/1#booking",
  );
  expect(icon("x").firstElementChild?.getAttribute("href")).toBe("/lianzhen/static/icons.svg#i-x");
});

test("a typed code and a person just added are found below the prefix", async () => {
  await draw(
    `<form data-controller="code" data-code-place-value="/verify/">
       <input data-code-target="input" value="3f2a91bc0d4e77a1"></form>
     <div data-controller="once"><p data-once-target="shown"><a data-once-id="/admin/people/">x</a></p></div>`,
    { code: CodeController, once: OnceController },
  );
  find("form").dispatchEvent(new Event("submit", { cancelable: true }));
  expect(gone).toEqual(["/lianzhen/verify/3F2A-91BC-0D4E-77A1"]);
  find("[data-controller=once]").dispatchEvent(
    new CustomEvent("act:done", { detail: { id: "7" } }),
  );
  expect(find("[data-once-id]").getAttribute("href")).toBe("/lianzhen/admin/people/7");
});

test("signing out below a prefix leaves the neighbours' storage alone", async () => {
  localStorage.setItem("neighbour", "1");
  await draw(`<button data-controller="signout" data-signout-url-value="/api/sign-out"></button>`, {
    signout: SignoutController,
  });
  const asked = serve(() => json({ location: "/sign-in" }));
  find("button").click();
  await tick();
  expect(asked.map(({ url }) => url)).toEqual(["/lianzhen/api/sign-out"]);
  expect(gone).toEqual([new URL("/lianzhen/sign-in", window.location.href).href]);
  expect(localStorage.getItem("neighbour")).toBe("1");
  localStorage.clear();
});

test("without a prefix nothing is put before a path", () => {
  document.querySelector('meta[name="base-path"]')?.remove();
  expect(under("/cases")).toBe("/cases");
});
