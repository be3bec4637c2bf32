import { afterEach, expect, test, vi } from "vitest";
import { morph } from "../lib/morph";
import { draw, find } from "../page.testing";
import { CopyController } from "./copy_controller";

const BUTTON = `<button data-controller="copy" data-copy-text-value="ZZ20260105-0001"
  data-copy-done-value="Copied"><span data-copy-target="word">Copy</span></button>`;

afterEach(() => vi.unstubAllGlobals());

async function press(): Promise<string | null> {
  await draw(BUTTON, { copy: CopyController });
  find("button").click();
  await new Promise((done) => setTimeout(done, 0));
  return find("span").textContent;
}

test("one press puts the value on the clipboard and says so", async () => {
  const written: string[] = [];
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", {
    clipboard: { writeText: async (text: string) => void written.push(text) },
  });
  expect(await press()).toBe("Copied");
  expect(written).toEqual(["ZZ20260105-0001"]);
});

test("what it says outlives a newer drawing of the page", async () => {
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.resolve() } });
  await draw(BUTTON, { copy: CopyController });
  const newer = document.body.cloneNode(true) as HTMLElement;
  expect(await press()).toBe("Copied");
  morph(document.body, newer, null);
  expect(find("span").textContent).toBe("Copied");
  expect(find("button").children.length).toBe(2);
});

test("a clipboard that refuses is not said to have taken it", async () => {
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("no")) } });
  expect(await press()).toBe("Copy");
  const shown = find<HTMLTextAreaElement>("textarea");
  expect([shown.value, shown.readOnly]).toEqual(["ZZ20260105-0001", true]);
});

test("plain HTTP copies by a selection that is gone afterwards", async () => {
  vi.stubGlobal("isSecureContext", false);
  const commands: string[] = [];
  document.execCommand = (command: string) => {
    commands.push(`${command} ${document.querySelector("textarea")?.value}`);
    return true;
  };
  expect(await press()).toBe("Copied");
  expect(commands).toEqual(["copy ZZ20260105-0001"]);
  expect(document.querySelector("textarea")).toBeNull();
});
