/** A screen shorter than this on its shorter side is no place for a first diagnosis. */
const SMALL_PX = 600;

/** What kind of screen this is: small where it is held in a hand, or operated by fingers alone. */
export function device(): "small" | "desk" {
  const { width, height } = window.screen;
  const isHeld = window.matchMedia?.("(pointer: coarse)").matches === true;
  return isHeld || Math.min(width, height) < SMALL_PX ? "small" : "desk";
}

/** Width and height of the screen, the longer side first, so that turning it changes nothing. */
export function display(): string {
  const { width, height } = window.screen;
  return `${Math.max(width, height)}x${Math.min(width, height)}`;
}
