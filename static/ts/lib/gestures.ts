interface Point {
  x: number;
  y: number;
}

export interface Moves {
  zoom(factor: number, at: Point): void;
  pan(x: number, y: number): void;
}

function pointIn(frame: HTMLElement, event: MouseEvent): Point {
  const box = frame.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function spread(one: Point, other: Point): number {
  return Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
}

const DOUBLE_PX = 120;

/** One pointer drags, two pinch: what a moved pointer does to the picture. */
function follow(moves: Moves, before: Point, now: Point, other: Point | undefined): void {
  if (other === undefined) {
    moves.pan(now.x - before.x, now.y - before.y);
  } else {
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    moves.zoom(spread(now, other) / spread(before, other), middle);
  }
}

/** Wheel, drag and pinch in a frame, until the signal ends them. */
export function watchGestures(frame: HTMLElement, moves: Moves, signal: AbortSignal): void {
  const pointers = new Map<number, Point>();
  let begun: Point = { x: 0, y: 0 };
  frame.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      moves.zoom(Math.exp(-event.deltaY / 400), pointIn(frame, event));
    },
    { passive: false, signal },
  );
  frame.addEventListener(
    "pointerdown",
    (event) => {
      if (event.defaultPrevented) {
        return; // the pen draws here
      }
      frame.setPointerCapture?.(event.pointerId);
      begun = pointIn(frame, event);
      pointers.set(event.pointerId, begun);
    },
    { signal },
  );
  frame.addEventListener(
    "pointermove",
    (event) => {
      const before = pointers.get(event.pointerId);
      if (before !== undefined) {
        const now = pointIn(frame, event);
        const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
        pointers.set(event.pointerId, now);
        if (other === undefined && frame.closest("[data-hand=zoom]") !== null) {
          moves.zoom(2 ** ((before.y - now.y) / DOUBLE_PX), begun);
        } else {
          follow(moves, before, now, other);
        }
      }
    },
    { signal },
  );
  for (const end of ["pointerup", "pointercancel"] as const) {
    frame.addEventListener(end, (event) => void pointers.delete(event.pointerId), { signal });
  }
  frame.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
}
