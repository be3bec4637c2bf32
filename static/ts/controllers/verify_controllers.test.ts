import { webcrypto } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { draw, find } from "../page.testing";
import { CodeController } from "./code_controller";
import { HashCheckController } from "./hash_check_controller";

const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const CHECK = `<section data-controller="hash-check" data-hash-check-hashes-value='["${ABC}"]'>
  <label data-hash-check-target="drop"><input type="file" data-hash-check-target="input"></label>
  <p id="same" data-hash-check-target="same" hidden>same</p>
  <p id="other" data-hash-check-target="other" hidden>other</p>
  <p id="cannot" data-hash-check-target="cannot" hidden>cannot</p>
  <p id="hash" data-hash-check-target="hash"></p></section>`;
const FORM = `<form data-controller="code" data-code-place-value="/verify/">
  <input name="code" data-code-target="input"></form>`;

afterEach(() => vi.unstubAllGlobals());

async function choose(text: string): Promise<string[]> {
  await draw(CHECK, { "hash-check": HashCheckController });
  const input = find<HTMLInputElement>("input");
  Object.defineProperty(input, "files", { value: [new File([text], "report.pdf")] });
  input.dispatchEvent(new Event("change"));
  await vi.waitFor(() => expect(shown()).toHaveLength(1));
  return shown();
}

function shown(): string[] {
  return ["same", "other", "cannot"].filter((id) => !find(`#${id}`).hidden);
}

test("the issued file is known by its hash, any other is not", async () => {
  vi.stubGlobal("crypto", webcrypto);
  expect(await choose("abc")).toEqual(["same"]);
  expect(find("#hash").textContent).toBe(ABC);
  expect(await choose("abd")).toEqual(["other"]);
});

test("a browser on plain HTTP says that it cannot", async () => {
  vi.stubGlobal("crypto", {});
  expect(await choose("abc")).toEqual(["cannot"]);
});

test("a typed code leads to its address; half a code is left to the server", async () => {
  const gone: string[] = [];
  vi.spyOn(window.location, "assign").mockImplementation((to) => void gone.push(String(to)));
  await draw(FORM, { code: CodeController });
  const input = find<HTMLInputElement>("input");
  for (const text of ["3f2a-91bc 0d4e77a1", "3f2a"]) {
    input.value = text;
    const event = new Event("submit", { cancelable: true });
    find("form").dispatchEvent(event);
    expect(event.defaultPrevented).toBe(text !== "3f2a");
  }
  expect(gone).toEqual(["/verify/3F2A-91BC-0D4E-77A1"]);
});
