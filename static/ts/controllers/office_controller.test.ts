import { afterEach, expect, test, vi } from "vitest";
import { draw, find, serve, tick } from "../page.testing";
import { ActController } from "./act_controller";
import { OfficeController } from "./office_controller";

function list(open: string, next: string): string {
  const form =
    open === ""
      ? ""
      : `<tr class="row-form" data-key="open-${open}" data-next="${next}"><td>
        <button data-office-first>C</button>
        <button id="act" data-controller="act" data-act-url-value="/api/referrals/${open}/write-back"></button></td></tr>`;
  return `<div id="notices"></div><div id="desk-tabs"></div><div id="desk" data-controller="office"><table><tbody>
<tr class="${open === "" ? "" : "is-open"}" data-key="${open}"><td><a class="row-link" data-office href="/desk?view=waiting&row=r1">祝</a></td></tr>
${form}</tbody></table></div>`;
}

const page = (open: string, next = ""): Response =>
  new Response(`<!doctype html><body>${list(open, next)}</body>`);
const acts = { office: OfficeController, act: ActController };

afterEach(() => vi.restoreAllMocks());

test("a request opens in the list, with the focus on what is copied", async () => {
  Element.prototype.scrollIntoView = () => undefined;
  const asked = serve(() => page("r1"));
  await draw(list("", ""), acts);
  find(".row-link").click();
  await tick(20);
  expect(asked.map((each) => each.url)).toEqual(["/desk?view=waiting&row=r1"]);
  expect(document.activeElement).toBe(find("[data-office-first]"));
  expect(window.location.search).toBe("?view=waiting&row=r1");
});

test("a request that left the list gives its place to the next, and no page is loaded", async () => {
  Element.prototype.scrollIntoView = () => undefined;
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  const next = "/desk?view=waiting&row=r2";
  serve((each) => {
    if (each.method === "POST") {
      return new Response(`{"location": "/desk/referrals/r1"}`);
    }
    return each.url === next ? page("r2") : page("");
  });
  await draw(list("r1", next), acts);
  find("#act").click();
  await tick(20);
  expect(find("tr.row-form").dataset.key).toBe("open-r2");
  expect(assign).not.toHaveBeenCalled();
});

test("what leads elsewhere is followed as ever", async () => {
  const assign = vi.spyOn(window.location, "assign").mockImplementation(() => undefined);
  serve(() => new Response(`{"location": "/cases/c1"}`));
  await draw(list("r1", ""), acts);
  find("#act").click();
  await tick(20);
  expect(assign).toHaveBeenCalledTimes(1);
});
