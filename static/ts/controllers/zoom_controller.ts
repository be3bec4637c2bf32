import { Controller } from "@hotwired/stimulus";
import { FIT, fullScale, kept, type Lie, type Size, zoomAt } from "../lib/zoom";

const STEP = 1.25;
const PAN_PX = 60;
const KEYS: Record<string, (zoom: ZoomController) => void> = {
  Equal: (zoom) => zoom.in(),
  NumpadAdd: (zoom) => zoom.in(),
  Minus: (zoom) => zoom.out(),
  NumpadSubtract: (zoom) => zoom.out(),
  Digit0: (zoom) => zoom.fit(),
  Digit1: (zoom) => zoom.full(),
  ArrowLeft: (zoom) => zoom.pan(PAN_PX, 0),
  ArrowRight: (zoom) => zoom.pan(-PAN_PX, 0),
  ArrowUp: (zoom) => zoom.pan(0, PAN_PX),
  ArrowDown: (zoom) => zoom.pan(0, -PAN_PX),
};

/** One picture in its frame: wheel, pinch, keys and buttons zoom, dragging moves; a pair may be linked. */
export class ZoomController extends Controller<HTMLElement> {
  static override targets = ["frame", "picture", "scale"];
  static override values = { link: String };
  declare readonly frameTarget: HTMLElement;
  declare readonly pictureTarget: HTMLImageElement;
  declare readonly scaleTargets: HTMLElement[];
  declare linkValue: string;
  #lie: Lie = FIT;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const frame = this.frameTarget;
    frame.addEventListener("wheel", this.#wheel, { passive: false, signal });
    frame.addEventListener("pointerdown", this.#down, { signal });
    frame.addEventListener("pointermove", this.#drag, { signal });
    frame.addEventListener("pointerup", this.#up, { signal });
    frame.addEventListener("pointercancel", this.#up, { signal });
    frame.addEventListener("keydown", this.#key, { signal });
    frame.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
    window.addEventListener("zoom:moved", this.#follow, { signal });
    window.addEventListener("resize", () => this.#set(this.#lie, false), { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  in(): void {
    this.#zoom(STEP, this.#middle());
  }

  out(): void {
    this.#zoom(1 / STEP, this.#middle());
  }

  fit(): void {
    this.#set(FIT);
  }

  full(): void {
    const { naturalWidth: width, naturalHeight: height } = this.pictureTarget;
    if (width > 0) {
      const scale = fullScale(this.#size(), { width, height }, window.devicePixelRatio);
      this.#zoom(scale / this.#lie.scale, this.#middle());
    }
  }

  pan(x: number, y: number): void {
    this.#set({ ...this.#lie, x: this.#lie.x + x, y: this.#lie.y + y });
  }

  #size(): Size {
    // a frame that is not laid out yet has no size; a ratio of it must still be a number
    const { clientWidth, clientHeight } = this.frameTarget;
    return { width: Math.max(clientWidth, 1), height: Math.max(clientHeight, 1) };
  }

  #middle(): { x: number; y: number } {
    const { width, height } = this.#size();
    return { x: width / 2, y: height / 2 };
  }

  #zoom(factor: number, point: { x: number; y: number }): void {
    this.#set(zoomAt(this.#lie, factor, point));
  }

  #set(lie: Lie, tell = true): void {
    this.#lie = kept(lie, this.#size());
    const { scale, x, y } = this.#lie;
    // CSSOM: a style attribute would be refused by the content security policy
    this.pictureTarget.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    for (const shown of this.scaleTargets) {
      shown.textContent = `${Math.round(scale * 100)}%`;
    }
    if (tell && this.linkValue !== "") {
      const { width, height } = this.#size();
      const detail = {
        link: this.linkValue,
        from: this.element,
        scale,
        x: x / width,
        y: y / height,
      };
      window.dispatchEvent(new CustomEvent("zoom:moved", { detail }));
    }
  }

  #follow = (event: Event): void => {
    const { link, from, scale, x, y } = (event as CustomEvent).detail;
    if (link === this.linkValue && from !== this.element && this.linkValue !== "") {
      const { width, height } = this.#size();
      this.#set({ scale, x: x * width, y: y * height }, false);
    }
  };

  #point(event: MouseEvent): { x: number; y: number } {
    const box = this.frameTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #wheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.#zoom(Math.exp(-event.deltaY / 400), this.#point(event));
  };

  #down = (event: PointerEvent): void => {
    if (event.target instanceof Element && event.target.closest("button, a")) {
      return;
    }
    this.frameTarget.setPointerCapture?.(event.pointerId);
    this.#pointers.set(event.pointerId, this.#point(event));
  };

  #drag = (event: PointerEvent): void => {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) {
      return;
    }
    const now = this.#point(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other === undefined) {
      this.pan(now.x - before.x, now.y - before.y);
    } else {
      const spread = (point: { x: number; y: number }) =>
        Math.max(Math.hypot(point.x - other.x, point.y - other.y), 1);
      this.#zoom(spread(now) / spread(before), {
        x: (now.x + other.x) / 2,
        y: (now.y + other.y) / 2,
      });
    }
  };

  #up = (event: PointerEvent): void => {
    this.#pointers.delete(event.pointerId);
  };

  #key = (event: KeyboardEvent): void => {
    const act = KEYS[event.code];
    if (act !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      event.stopPropagation();
      act(this);
    }
  };
}
