import { afterEach, expect, test, vi } from "vitest";
import { draw, find, serve, tick } from "../page.testing";
import { ActController } from "./act_controller";
import { DeskController } from "./desk_controller";

const HEAD = `<div id="notices"></div><div id="desk-banner">NAME</div>
<div id="desk-bar"><a id="desk-next" data-desk href="/screening?row=NEXT">下一位</a></div>`;

function desk(name: string, next: string, row: string): string {
  return `${HEAD.replace("NAME", name).replace("NEXT", next)}<div id="desk" data-controller="desk">
<table class="desk-list"><tbody><tr class="is-open" data-case="c1"><td><a href="#">${name}</a></td></tr>
<tr class="row-form" data-own><td>${row}</td></tr></tbody></table></div>`;
}

function page(name: string, next: string, row = ""): Response {
  return new Response(`<!doctype html><body>${desk(name, next, row)}</body>`);
}

afterEach(() => vi.restoreAllMocks());

test("F2 opens the next patient in the page's own place, and the banner names her", async () => {
  const asked = serve(() => page("叶金凤", "p3"));
  Element.prototype.scrollIntoView = () => undefined;
  await draw(desk("项根娣", "p2", "<form><input value='旧'></form>"), { desk: DeskController });
  document.dispatchEvent(new KeyboardEvent("keydown", { code: "F2", bubbles: true }));
  await tick(20);
  expect(asked.map((each) => each.url)).toEqual(["/screening?row=p2"]);
  expect(find("#desk-banner").textContent).toBe("叶金凤");
  expect(window.location.search).toBe("?row=p2");
  expect(document.querySelector(".row-form input")).toBeNull();
});

test("a case that was sent leads to the next patient, and an act draws the row anew", async () => {
  const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  Element.prototype.scrollIntoView = () => undefined;
  const asked = serve((each) =>
    each.method === "POST"
      ? new Response(each.url.endsWith("/submit") ? `{"location": "/cases/c1"}` : "{}")
      : page("叶金凤", "p3", "neu"),
  );
  const acts = `<button id="act" data-controller="act" data-act-url-value="/api/confirm"></button>
    <button id="send" data-controller="act" data-act-url-value="/api/cases/c1/submit"></button>`;
  await draw(desk("项根娣", "p2", acts), { desk: DeskController, act: ActController });
  find("#send").click();
  await tick(20);
  expect(asked.at(-1)?.url).toBe("/screening?row=p2");
  await draw(desk("项根娣", "p2", acts), { desk: DeskController, act: ActController });
  find("#act").click();
  await tick(20);
  expect(find(".row-form").textContent).toBe("neu");
  expect(reload).not.toHaveBeenCalled();
  expect(assign).not.toHaveBeenCalled();
});

test("a file that misses every row does not open in the browser", async () => {
  await draw(desk("项根娣", "p2", ""), { desk: DeskController });
  for (const kind of ["dragover", "drop"]) {
    const event = new Event(kind, { bubbles: true, cancelable: true });
    find("#desk").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
  }
});
