import { type Frame, imageOf, type Pixels } from "./frames";
import { isColour, isFractional } from "./kinds";
import type { LookState } from "./look";
import { beginningOf, type Paints, paint, spanOf, throughWindow } from "./paint";
import { type Sides, sidesIn } from "./sides";
import type { Preset, Range } from "./windows";

/** One place of a stack: a frame of a film. */
export interface Spot {
  film: string;
  frame: Frame;
  frames: number;
}

/** The picture that stands somewhere, and whose it is: all that is drawn and said of it is its own. */
export class Standing {
  readonly spot: Spot;
  /** whether it was told that it is on the screen */
  isShown = false;
  readonly #image: Pixels;

  private constructor(image: Pixels, spot: Spot) {
    this.#image = image;
    this.spot = spot;
  }

  static async of(spot: Spot): Promise<Standing> {
    return new Standing(await imageOf(spot.frame), spot);
  }

  get isColour(): boolean {
    return isColour(this.spot.frame.set);
  }

  /** Between which values its window is dragged; nowhere where no window was told. */
  get span(): Range | undefined {
    return spanOf(this.#image, this.spot.frame);
  }

  beginning(presets: Preset[]): Range {
    return beginningOf(this.#image, this.spot.frame, presets);
  }

  /** It is not on the screen any more. */
  lose(): void {
    this.isShown = false;
  }

  async draw(
    look: LookState,
    paints: Paints,
    onto: { canvas: HTMLCanvasElement; isStill: () => boolean },
  ): Promise<void> {
    const shown = await throughWindow(this.#image, this.spot.frame, look);
    await paint(shown, this.spot.frame, look, paints, onto);
  }
}

/** What is said of the place whose picture stands there, or is still on its way. */
export function toldOf(
  view: HTMLElement,
  standing: Standing | undefined,
  look: LookState,
  wanted: Spot | undefined,
): { range: Range | undefined; sides: Sides | undefined; isFraction: boolean } {
  const set = (standing?.spot ?? wanted)?.frame.set;
  const hasWindow = look.isChosen || (standing?.isColour === false && standing.span !== undefined);
  return {
    range: standing !== undefined && hasWindow ? look.range : undefined,
    sides: sidesIn(view, set),
    isFraction: set !== undefined && isFractional(set),
  };
}
