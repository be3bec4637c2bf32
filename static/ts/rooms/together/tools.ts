import { list } from "../../lib/listing";
import { mirrored, rotated, turnOf } from "../../lib/turning";
import type { Pane } from "../../viewer/pane";
import type { Surface } from "./surface";

type Look = "redFree" | "enhanced" | "inverted";

const LOOKS: Record<string, Look> = {
  "red-free": "redFree",
  enhance: "enhanced",
  invert: "inverted",
};
const HANDS = ["pan", "window", "zoom"];

/** The presenter's tools, as in the reading room. */
export class Tools {
  readonly #root: HTMLElement;
  readonly #surface: Surface;
  readonly #presets: HTMLSelectElement | null;

  constructor(root: HTMLElement, surface: Surface) {
    this.#root = root;
    this.#surface = surface;
    this.#presets = root.querySelector("[data-part=presets]");
    this.#presets?.addEventListener("change", this.#preset);
  }

  /** Whether it was one of these tools. */
  press(act: string): boolean {
    const { pane } = this.#surface;
    const look = LOOKS[act];
    if (HANDS.includes(act)) {
      this.#root.dataset.hand = act;
    } else if (pane === undefined) {
      return false;
    } else if (look !== undefined) {
      pane.look.turn(look);
      void pane.paint();
    } else if (!this.#move(act, pane)) {
      return false;
    }
    this.update();
    return true;
  }

  update(): void {
    const { pane } = this.#surface;
    for (const tool of this.#root.querySelectorAll<HTMLElement>("[data-tool]")) {
      tool.hidden = pane === undefined || !isFor(tool.dataset.tool ?? "", pane);
    }
    const { hand = "pan" } = this.#root.dataset;
    for (const each of HANDS) {
      this.#mark(each, each === hand);
    }
    for (const [act, look] of Object.entries(LOOKS)) {
      this.#mark(act, pane?.look[look] === true);
    }
    const turn = turnOf(pane?.view ?? null);
    this.#mark("rotate", turn.quarters > 0);
    this.#mark("mirror", turn.isMirrored);
    if (this.#presets !== null) {
      const presets = pane?.presets ?? [];
      this.#presets.hidden = presets.length === 0 || pane?.isColour === true;
      list(
        this.#presets,
        presets.map(({ name }) => name),
      );
    }
  }

  #move(act: string, pane: Pane): boolean {
    if (act === "rotate" || act === "mirror") {
      pane.turn((act === "rotate" ? rotated : mirrored)(turnOf(pane.view)));
    } else if (act === "back" || act === "on") {
      void pane.go(pane.at + (act === "on" ? 1 : -1));
    } else if (act === "reset") {
      void pane.reset().then(() => this.update());
      this.#surface.fit();
    } else {
      return false;
    }
    return true;
  }

  #preset = (): void => {
    const { pane } = this.#surface;
    const preset = pane?.presets[Number(this.#presets?.value)];
    if (pane !== undefined && preset !== undefined) {
      pane.look.choose(preset.range);
      void pane.paint();
    }
    this.#presets?.blur();
  };

  #mark(act: string, isOn: boolean): void {
    this.#root.querySelector(`[data-act="${act}"]`)?.setAttribute("aria-pressed", String(isOn));
  }
}

/** What a tool is for: photographs in colour, values in grey, stacks, or all of them. */
function isFor(needs: string, { isColour, length }: Pane): boolean {
  return (
    needs === "" ||
    (needs === "colour" && isColour) ||
    (needs === "grey" && !isColour) ||
    (needs === "stack" && length > 1)
  );
}
