import { expect, test } from "vitest";
import { morph } from "./morph";

function list(
  keys: string,
  inner: (key: string) => string = (key) => `<a href="#">${key}</a>`,
): HTMLElement {
  const page = new DOMParser().parseFromString(
    `<ul id="l">${[...keys].map((key) => `<li data-key="${key}">${inner(key)}</li>`).join("")}</ul>`,
    "text/html",
  );
  return page.getElementById("l") as HTMLElement;
}

function drawn(keys: string): HTMLElement {
  const old = document.importNode(list(keys), true);
  document.body.replaceChildren(old);
  return old;
}

function order(element: HTMLElement): string {
  return [...element.children]
    .map(
      (child) =>
        `${child.getAttribute("data-key")}${child.classList.contains("is-gone") ? "-" : ""}`,
    )
    .join("");
}

test.each([
  ["abc", "abc"],
  ["abc", "xabc"],
  ["abc", "axbc"],
  ["abc", "cab"],
  ["abc", "b"],
  ["abc", ""],
  ["", "abc"],
  ["abcdef", "fxbya"],
])("%s becomes %s, and rows that stay are the same nodes", (before, after) => {
  const old = drawn(before);
  const nodes = new Map([...old.children].map((child) => [child.getAttribute("data-key"), child]));
  const { fresh, waiting } = morph(old, list(after), null);
  expect(order(old)).toBe(after);
  expect(waiting).toBe(false);
  expect(fresh.map((row) => row.dataset.key).join("")).toBe(
    [...after].filter((key) => !before.includes(key)).join(""),
  );
  for (const child of old.children) {
    const known = nodes.get(child.getAttribute("data-key"));
    expect(known === undefined || known === child).toBe(true);
  }
});

test.each([
  ["abcd", "xabcd", "c", "abcxd"],
  ["abcd", "acd", "c", "ab-cd"],
  ["abcd", "abd", "c", "abc-d"],
  ["abcd", "abcdx", "c", "abcdx"],
  ["abcd", "abc", "c", "abc"],
  ["abcd", "dabc", "c", "abcd"],
  ["abcd", "bcad", "c", "abcd"],
])("%s becomes %s under a reader at %s: %s", (before, after, at, shown) => {
  const old = drawn(before);
  const anchor = old.querySelector(`[data-key="${at}"]`);
  morph(old, list(after), anchor);
  expect(order(old)).toBe(shown);
  morph(old, list(after), null);
  expect(order(old)).toBe(after);
});

test("focus and the reader's own marks stay when a row's content changes", () => {
  const old = drawn("ab");
  const link = old.querySelector<HTMLElement>("[data-key=b] a");
  link?.focus();
  link?.closest("li")?.classList.add("is-on");
  const badge = document.createElement("span");
  badge.dataset.own = "";
  badge.textContent = "刚到";
  link?.closest("li")?.append(badge);
  morph(
    old,
    list("ab", (key) => `<a href="#${key}">${key} 已领取</a><b>x</b>`),
    link,
  );
  expect(document.activeElement).toBe(link);
  expect(old.lastElementChild?.className).toBe("is-on");
  expect(old.lastElementChild?.textContent).toBe("b 已领取刚到x");
});

test("a form with unsaved input is never replaced, and never removed", () => {
  const old = document.importNode(
    list("ab", (key) => `<form><input name="n" value="${key}"></form>`),
    true,
  );
  document.body.replaceChildren(old);
  const input = old.querySelector<HTMLInputElement>("[data-key=b] input");
  if (input) {
    input.value = "typed";
  }
  morph(
    old,
    list("a", (key) => `<form><input name="n" value="new ${key}"></form>`),
    null,
  );
  expect(old.querySelector("[data-key=b] input")).toBe(input);
  expect(input?.value).toBe("typed");
  expect(old.querySelector<HTMLInputElement>("[data-key=a] input")?.getAttribute("value")).toBe(
    "new a",
  );
});

test("an open disclosure stays open", () => {
  const old = document.importNode(
    list("a", () => `<details><summary>s</summary></details>`),
    true,
  );
  old.querySelector("details")?.setAttribute("open", "");
  morph(
    old,
    list("a", () => `<details><summary>t</summary></details>`),
    null,
  );
  expect(old.querySelector("details")?.hasAttribute("open")).toBe(true);
  expect(old.textContent).toBe("t");
});
