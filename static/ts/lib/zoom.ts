import { isLying, isUpright, type Turn } from "./turning";

/** How a picture lies in its frame: scale 1 fits, x and y are in frame pixels. */
export interface Lie {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export const FIT: Lie = { scale: 1, x: 0, y: 0 };
const MOST = 16;

/** The size at which the whole picture stands in the frame. */
function fitted(frame: Size, picture: Size): Size {
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** The scale at which one picture pixel is one screen pixel. */
export function fullScale(frame: Size, picture: Size, pixelRatio: number): number {
  return Math.max(picture.width / fitted(frame, picture).width / pixelRatio, 1);
}

/** Zoom by a factor so that the point under the pointer stays where it is. */
export function zoomAt(lie: Lie, factor: number, point: { x: number; y: number }): Lie {
  const scale = Math.min(Math.max(lie.scale * factor, 1), MOST);
  const ratio = scale / lie.scale;
  return {
    scale,
    x: point.x - (point.x - lie.x) * ratio,
    y: point.y - (point.y - lie.y) * ratio,
  };
}

/** Never let the picture be pushed out of its frame. */
export function kept(lie: Lie, frame: Size): Lie {
  const within = (at: number, length: number) =>
    Math.min(Math.max(at, length * (1 - lie.scale)), 0);
  return { scale: lie.scale, x: within(lie.x, frame.width), y: within(lie.y, frame.height) };
}

/**
 * How a picture that fills its frame is turned about the middle, and whole in it again; as CSS, to
 * stand behind where the picture lies.
 */
export function turnedStyle(turn: Turn, frame: Size, picture: Size): string {
  if (isUpright(turn)) {
    return "";
  }
  const lying = { width: picture.height, height: picture.width };
  const isKnown = picture.width * picture.height > 0;
  const share =
    isLying(turn) && isKnown ? fitted(frame, lying).height / fitted(frame, picture).width : 1;
  const [x, y] = [frame.width / 2, frame.height / 2];
  const mirror = turn.isMirrored ? -share : share;
  return ` translate(${x}px, ${y}px) rotate(${turn.quarters * 90}deg) scale(${mirror}, ${share}) translate(${-x}px, ${-y}px)`;
}
