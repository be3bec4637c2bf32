import { beforeEach, expect, test, vi } from "vitest";
import { forgetReplaced } from "../lib/replaced";
import { draw, find, serve } from "../page.testing";
import { AdoptedController } from "./adopted_controller";

let version = 0;

/** The arbiter's room as the server draws it by now. */
function room(): string {
  return `<div class="read-shell"><form id="report-form"><input type="hidden" name="version" value="${version}"></form>
    <div data-controller="adopted" data-adopted-case-value="c"><p data-adopted-target="undo" hidden>
    <button id="back" data-adopted-target="back" data-action="act:done->adopted#undone"></button></p>
    <button id="adopt" data-action="act:done->adopted#take"></button></div></div>`;
}

beforeEach(async () => {
  version = 1;
  while (forgetReplaced()) {
    // what another test wrote is gone
  }
  serve(() => new Response(room()));
  await draw(room(), { adopted: AdoptedController });
});

/** What the server has done, and the room as it is drawn after it. */
async function done(button: string, detail: object): Promise<void> {
  const before = find("#report-form");
  find(button).dispatchEvent(new CustomEvent("act:done", { detail }));
  await vi.waitFor(() => expect(find("#report-form")).not.toBe(before));
}

async function adopt(replaced: string): Promise<void> {
  version += 1;
  await done("#adopt", { version, replaced: { advice: replaced } });
}

/** The notice's button as it would be sent, if it stands there. */
async function offered(): Promise<unknown> {
  await vi.waitFor(() => find("#back[data-act-body-value]"));
  return find("[data-adopted-target=undo]").hidden
    ? null
    : JSON.parse(find("#back").dataset.actBodyValue ?? "");
}

async function putBack(): Promise<void> {
  version += 1;
  await done("#back", { version });
}

test("who begins as one reading and then as the other can put back her own words", async () => {
  await adopt("own words");
  expect(await offered()).toEqual({ advice: "own words", version: 2 });
  await adopt("the first reading");
  expect(await offered()).toEqual({ advice: "own words", version: 3 });
  await putBack();
  expect(find("[data-adopted-target=undo]").hidden).toBe(true);
});

test("what she wrote into one reading before she began as the other is put back first", async () => {
  await adopt("own words");
  version = 7;
  await adopt("the first reading, and more");
  expect(await offered()).toEqual({ advice: "the first reading, and more", version: 8 });
  await putBack();
  expect(await offered()).toEqual({ advice: "own words", version: 9 });
});

test("it is put back under the version of the form that stands there", async () => {
  await adopt("own words");
  version = 5;
  await draw(room(), { adopted: AdoptedController });
  expect(await offered()).toEqual({ advice: "own words", version: 5 });
});
