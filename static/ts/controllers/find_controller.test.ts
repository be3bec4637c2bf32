import { afterEach, expect, test, vi } from "vitest";
import { draw } from "../page.testing";
import { FindController } from "./find_controller";

afterEach(() => vi.unstubAllGlobals());

test("what is typed travels in the body, and the found part is redrawn", async () => {
  const asked: { url: string; body: string }[] = [];
  vi.stubGlobal("fetch", async (url: string, options: { body: string }) => {
    asked.push({ url, body: options.body });
    return new Response('<main><div id="found">王秀英</div></main>');
  });
  await draw(
    `<form data-controller="find" data-find-url-value="/patients" data-find-into-value="found">
       <input name="q" value="王"></form><div id="found">nobody</div>`,
    { find: FindController },
  );
  document.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
  await vi.waitFor(() => expect(document.getElementById("found")?.textContent).toBe("王秀英"));
  expect(asked).toEqual([{ url: "/patients", body: '{"q":"王"}' }]);
});
