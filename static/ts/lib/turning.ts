/** How a picture is turned to be looked at: mirrored first, then by quarters clockwise. */
export interface Turn {
  quarters: number;
  isMirrored: boolean;
}

export const UPRIGHT: Turn = { quarters: 0, isMirrored: false };
const FULL_TURN = 4;

/** Its view says how a picture stands; nothing of it is kept anywhere else. */
export function turnOf(view: HTMLElement | null): Turn {
  const { quarters = "0", mirrored = "" } = view?.dataset ?? {};
  return { quarters: Number(quarters), isMirrored: mirrored !== "" };
}

export function turnTo(view: HTMLElement, { quarters, isMirrored }: Turn): void {
  view.dataset.quarters = String(quarters);
  view.dataset.mirrored = isMirrored ? "yes" : "";
  view.dispatchEvent(new CustomEvent("view:turned", { bubbles: true }));
}

export function isUpright({ quarters, isMirrored }: Turn): boolean {
  return quarters === 0 && !isMirrored;
}

/** Whether its height runs across the screen. */
export function isLying({ quarters }: Turn): boolean {
  return quarters % 2 === 1;
}

export function rotated({ quarters, isMirrored }: Turn): Turn {
  return { quarters: (quarters + 1) % FULL_TURN, isMirrored };
}

/** Left and right of the screen change places, however the picture is turned. */
export function mirrored({ quarters, isMirrored }: Turn): Turn {
  return { quarters: (FULL_TURN - quarters) % FULL_TURN, isMirrored: !isMirrored };
}

/** What stands at the top, right, bottom and left, of what stands there in the picture itself. */
export function sidesAfter<T>([top, right, bottom, left]: [T, T, T, T], turn: Turn): T[] {
  const own = turn.isMirrored ? [top, left, bottom, right] : [top, right, bottom, left];
  return own.map((_, at) => own[(at - turn.quarters + FULL_TURN) % FULL_TURN] as T);
}
