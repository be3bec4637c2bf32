import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { faultsOfCss, faultsOfScript } from "./floor.testing";

const STATIC = join(import.meta.dirname, "..");

function files(folder: string, end: string): string[] {
  return readdirSync(join(STATIC, folder), { recursive: true, encoding: "utf-8" })
    .filter((name) => name.endsWith(end) && !/\.(?:test|testing)\.ts$/.test(name))
    .map((name) => join(folder, name));
}

function read(name: string): string {
  return readFileSync(join(STATIC, name), "utf-8");
}

test.each(files("css", ".css"))("%s stays at Chromium 109", (name) => {
  expect(faultsOfCss(read(name))).toEqual([]);
});

test.each(files("ts", ".ts"))("%s stays at Chromium 109", (name) => {
  expect(faultsOfScript(read(name))).toEqual([]);
});

test.each([
  [".a { color: color-mix(in srgb, red, blue); }", "color-mix()"],
  [".a { color: oklch(50% 0.1 200); }", "oklch(), oklab(), lch(), lab()"],
  [".a { color: light-dark(#fff, #000); }", "light-dark()"],
  [".a { grid-template-rows: subgrid; }", "subgrid"],
  [".a { text-wrap: balance; }", "text-wrap"],
  [".a:popover-open { top: 0; }", "popover"],
  [".a:user-invalid { top: 0; }", ":user-invalid, :user-valid"],
  [".a { .b { top: 0; } }", "nesting"],
  ["@media print { .a { &:hover { top: 0; } } }", "nesting"],
])("the guard refuses %s", (css, what) => {
  expect(faultsOfCss(css).map((fault) => fault.what)).toContain(what);
});

test("what Chromium 109 knows passes the guard", () => {
  const css = `/* color-mix() */ @media print { .a:has(b) { inset: 0; height: 100dvh; } } @supports (top: 0) { @media print { a { top: 0; } } }`;
  expect(faultsOfCss(css)).toEqual([]);
  expect(faultsOfScript("// Promise.withResolvers\n[1].at(-1); structuredClone({});")).toEqual([]);
});

test.each([
  ["rows.toSorted()", "Array.toSorted and its kind"],
  ["Promise.withResolvers()", "Promise.withResolvers, Promise.try"],
  ["Object.groupBy(rows, key)", "groupBy"],
  ["a.isSubsetOf(b)", "Set methods"],
  ["crypto.randomUUID()", "crypto.randomUUID (secure contexts only)"],
  ["dialog.showPopover()", "popover"],
])("the guard refuses %s", (script, what) => {
  expect(faultsOfScript(script).map((fault) => fault.what)).toContain(what);
});

test("a browser below the floor gets the plain sentence, one above does not", () => {
  const run = new Function(read("public/old_browser.js"));
  const page = `<p id="old-browser" hidden>old</p>`;
  document.body.replaceChildren(
    ...new DOMParser().parseFromString(page, "text/html").body.childNodes,
  );
  const notice = document.getElementById("old-browser");
  vi.stubGlobal("structuredClone", undefined);
  window.structuredClone = undefined as unknown as typeof window.structuredClone;
  run();
  expect(notice?.hidden).toBe(false);
});
