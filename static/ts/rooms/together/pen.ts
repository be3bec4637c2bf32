import { newId, type Place } from "../../marks/model";

const POINTS_MS = 33;
const PIECES_MS = 40;
const PIECE = 48;
/** A longer line goes on as another one: the room keeps no longer ones. */
const LONGEST = 480;

/** What the pen draws and points on. */
export interface Desk {
  /** whether this person moves the picture with this hand */
  readonly isPresenter: boolean;
  readonly isDrawing: boolean;
  placeOf(event: MouseEvent): Place | undefined;
  point(at: Place | null): void;
  /** a line begins, or goes on by these points */
  stroke(name: string, points: Place[]): void;
}

/** One's own hand on the picture: whoever does not show it points and draws, and moves nothing. */
export class Pen {
  readonly #desk: Desk;
  #at: Place | null = null;
  #pointed: Place | null = null;
  #resting = 0;
  #line: { name: string; length: number; last: Place; waiting: Place[] } | undefined;
  #sending = 0;

  constructor(root: HTMLElement, desk: Desk) {
    this.#desk = desk;
    const capture = { capture: true };
    root.addEventListener("pointerdown", this.#down, capture);
    root.addEventListener("pointermove", this.#move, capture);
    root.addEventListener("pointerup", this.#up, capture);
    root.addEventListener("pointercancel", this.#up, capture);
    root.addEventListener("pointerout", this.#out, capture);
    root.addEventListener("wheel", this.#rest, { capture: true, passive: false });
    root.addEventListener("keydown", this.#rest, capture);
    root.addEventListener("input", this.#rest, capture);
  }

  #down = (event: PointerEvent): void => {
    const frame = frameOf(event);
    const place = frame === undefined ? undefined : this.#desk.placeOf(event);
    if (frame === undefined || place === undefined) {
      return;
    }
    if (this.#desk.isDrawing && event.button === 0 && event.isPrimary) {
      event.preventDefault();
      event.stopImmediatePropagation();
      frame.setPointerCapture?.(event.pointerId);
      this.#begin(place);
    } else if (!this.#desk.isPresenter) {
      event.stopImmediatePropagation();
    }
  };

  #move = (event: PointerEvent): void => {
    const place = frameOf(event) === undefined ? undefined : this.#desk.placeOf(event);
    if (place === undefined) {
      return;
    }
    this.#point(place);
    if (this.#line !== undefined) {
      this.#draw(place);
    }
    if (this.#line !== undefined || !this.#desk.isPresenter) {
      event.stopImmediatePropagation();
    }
  };

  #up = (event: PointerEvent): void => {
    if (this.#line !== undefined) {
      event.stopImmediatePropagation();
      this.#flush();
      this.#line = undefined;
    }
    if (event.pointerType === "touch") {
      this.#point(null);
    }
  };

  #out = (event: PointerEvent): void => {
    const to = event.relatedTarget;
    if (!(to instanceof Element) || to.closest(".view-img") === null) {
      this.#point(null);
    }
  };

  /** Wheel, keys and the slider of a stack are the presenter's. */
  #rest = (event: Event): void => {
    const view = event.target instanceof Element ? event.target.closest(".view") : null;
    if (view === null || this.#desk.isPresenter || isTab(event)) {
      return;
    }
    event.stopImmediatePropagation();
    if (event.type === "wheel") {
      event.preventDefault();
    }
  };

  #point(at: Place | null): void {
    this.#at = at;
    if (this.#resting === 0) {
      this.#tell();
    }
  }

  /** At once after a rest, and else so often that the hand is seen to move. */
  #tell = (): void => {
    this.#resting = 0;
    if (this.#at?.join() !== this.#pointed?.join()) {
      this.#pointed = this.#at;
      this.#desk.point(this.#at);
      this.#resting = window.setTimeout(this.#tell, POINTS_MS);
    }
  };

  #begin(place: Place): void {
    this.#line = { name: newId(), length: 1, last: place, waiting: [place] };
    this.#flush();
  }

  #draw(place: Place): void {
    const line = this.#line;
    if (line === undefined || line.last.join() === place.join()) {
      return;
    }
    line.waiting.push(place);
    line.length += 1;
    const { last } = line;
    line.last = place;
    if (line.length >= LONGEST) {
      this.#flush();
      this.#line = { name: newId(), length: 1, last: place, waiting: [last, place] };
    } else if (line.waiting.length >= PIECE) {
      this.#flush();
    } else if (this.#sending === 0) {
      this.#sending = window.setTimeout(() => this.#flush(), PIECES_MS);
    }
  }

  #flush(): void {
    window.clearTimeout(this.#sending);
    this.#sending = 0;
    const line = this.#line;
    if (line !== undefined && line.waiting.length > 0) {
      this.#desk.stroke(line.name, line.waiting);
      line.waiting = [];
    }
  }
}

function frameOf(event: Event): HTMLElement | undefined {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest<HTMLElement>(".view-img") ?? undefined;
}

function isTab(event: Event): boolean {
  return event instanceof KeyboardEvent && event.code === "Tab";
}
