import { isUpright, sidesAfter, type Turn } from "../lib/turning";
import { word } from "../lib/words";
import type { LookState } from "./look";
import type { Sides } from "./sides";
import { fractionOf, type Range, windowOf } from "./windows";

const PARTS = ["side-top", "side-right", "side-bottom", "side-left"];
const QUARTER = 90;

/** What is said on a picture of how it is looked at. */
interface Told {
  look: LookState;
  /** the window, where there is one to tell */
  range: Range | undefined;
  isFraction: boolean;
  turn: Turn;
  /** what the object says of its sides */
  sides: Sides | undefined;
  /** the place whose picture stands there, and the one that is wanted */
  at: number;
  wanted: number;
  length: number;
}

/** Write into a part of a view; nothing hides it. */
export function write(view: HTMLElement, name: string, text: string): void {
  const part = view.querySelector<HTMLElement>(`[data-part=${name}]`);
  if (part !== null) {
    part.textContent = text;
    part.hidden = text === "";
  }
}

export function caption(view: HTMLElement, told: Told): void {
  const { look, range, isFraction, turn, at, wanted, length } = told;
  const { center, width } = (isFraction ? fractionOf : windowOf)(range ?? look.range);
  write(view, "window", range === undefined ? "" : word("viewerWindow", { w: width, l: center }));
  write(view, "place", length > 1 ? word("viewerPlace", { n: at + 1, m: length }) : "");
  const said = [
    look.redFree ? word("viewerRedFree") : "",
    look.enhanced ? word("viewerEnhanced") : "",
    look.inverted ? word("viewerInverted") : "",
    turn.quarters > 0 ? word("viewerTurned", { n: quartersOf(turn) * QUARTER }) : "",
    turn.isMirrored ? word("viewerMirrored") : "",
  ];
  write(view, "mode", said.filter((each) => each !== "").join(" · "));
  writeSides(view, told);
  const slider = view.querySelector<HTMLInputElement>("[data-part=slider]");
  if (slider !== null) {
    slider.hidden = length < 2;
    slider.max = String(length);
    slider.value = String(wanted + 1);
  }
}

/** As a hand turns it that mirrors it after that. */
function quartersOf({ quarters, isMirrored }: Turn): number {
  return isMirrored ? 4 - quarters : quarters;
}

/** Where the patient's sides are; or where the top of a turned picture went that says no sides. */
function writeSides(view: HTMLElement, { sides, turn }: Told): void {
  const none: Sides = [isUpright(turn) ? "" : word("viewerTop"), "", "", ""];
  const shown = sidesAfter(sides ?? none, turn);
  for (const [at, part] of PARTS.entries()) {
    write(view, part, shown[at] ?? "");
  }
}
