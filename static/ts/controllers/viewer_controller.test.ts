import { expect, test, vi } from "vitest";
import { draw, find } from "../page.testing";
import { ViewerController } from "./viewer_controller";

const pane = {
  isColour: false,
  isOn: true,
  length: 1,
  presets: [],
  look: { redFree: false, inverted: false },
  paint: async () => undefined,
};

vi.mock("../viewer/stage", () => ({
  Stage: class {
    current = pane;
    meant = [pane];
    press = { way: "cpu" };
    glass = { isOn: false };
    async chosen(): Promise<void> {}
    close(): void {}
  },
}));

test("a key turns no grey picture red-free; what fits every picture is turned", async () => {
  const tool = (look: string, needs: string) =>
    `<button id="${look}" data-action="viewer#turn" data-viewer-look-param="${look}" data-viewer-target="tool" data-needs="${needs}"></button>`;
  await draw(
    `<div data-controller="viewer" data-viewer-options-value="{}">${tool("redFree", "colour")}${tool("inverted", "")}
      <select data-viewer-target="presets"></select><span data-viewer-target="way"></span></div>`,
    { viewer: ViewerController },
  );
  window.dispatchEvent(new Event("load"));
  await vi.waitFor(() => expect(find("[data-controller=viewer]").dataset.way).toBe("cpu"));
  find("#redFree").click();
  find("#inverted").click();
  expect(pane.look).toEqual({ redFree: false, inverted: true });
  pane.isColour = true;
  find("#redFree").click();
  expect(pane.look.redFree).toBe(true);
});
