import { word } from "../lib/words";
import type { LookState } from "./look";
import { windowOf } from "./windows";

/** What stands on a picture beside it: its window, what was done to it, its place in the stack. */
export function tellLook(view: HTMLElement, look: LookState, isWindowed: boolean): void {
  const { center, width } = windowOf(look.range);
  tellPart(view, "window", isWindowed ? word("viewerWindow", { w: width, l: center }) : "");
  const said = [
    look.redFree ? word("viewerRedFree") : "",
    look.enhanced ? word("viewerEnhanced") : "",
    look.inverted ? word("viewerInverted") : "",
  ];
  tellPart(view, "mode", said.filter((each) => each !== "").join(" · "));
}

/** Which of a stack is shown, counted from 0. */
export function tellPlace(view: HTMLElement, at: number, length: number): void {
  const many = length > 1;
  tellPart(view, "place", many ? word("viewerPlace", { n: at + 1, m: length }) : "");
  const slider = view.querySelector<HTMLInputElement>("[data-part=slider]");
  if (slider !== null) {
    slider.hidden = !many;
    slider.max = String(length);
    slider.value = String(at + 1);
  }
}

/** One of the words on a picture; without words it is not there. */
export function tellPart(view: HTMLElement, name: string, text: string): void {
  const part = view.querySelector<HTMLElement>(`[data-part=${name}]`);
  if (part !== null) {
    part.textContent = text;
    part.hidden = text === "";
  }
}
