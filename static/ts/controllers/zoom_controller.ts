import { Controller } from "@hotwired/stimulus";
import { watchGestures } from "../lib/gestures";
import { isLying, isUpright, turnOf } from "../lib/turning";
import { FIT, fullScale, kept, type Lie, type Size, turnedStyle, zoomAt } from "../lib/zoom";

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
  declare readonly pictureTarget: HTMLImageElement | HTMLCanvasElement;
  declare readonly scaleTargets: HTMLElement[];
  declare linkValue: string;
  #lie: Lie = FIT;
  #known: Size = { width: 0, height: 0 };
  #listening = new AbortController();
  /** a turned picture is laid by the frame's own pixels, which other bars of the page may take away */
  readonly #sizes = new ResizeObserver(() => {
    if (!isUpright(turnOf(this.element))) {
      this.#set(this.#lie, false);
    }
  });

  override connect(): void {
    this.#sizes.observe(this.frameTarget);
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    watchGestures(this.frameTarget, this, signal);
    this.frameTarget.addEventListener("keydown", this.#key, { signal });
    window.addEventListener("zoom:moved", this.#follow, { signal });
    window.addEventListener("resize", () => this.#set(this.#lie, false), { signal });
    this.element.addEventListener("view:turned", () => this.fit(), { signal });
    this.element.addEventListener("viewer:shown", this.#other, { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#sizes.disconnect();
  }

  in(): void {
    this.zoom(STEP, this.#middle());
  }

  out(): void {
    this.zoom(1 / STEP, this.#middle());
  }

  fit(): void {
    this.#set(FIT);
  }

  full(): void {
    const { width, height } = naturalSize(this.pictureTarget);
    if (width > 0) {
      const shown = isLying(turnOf(this.element))
        ? { width: height, height: width }
        : { width, height };
      const scale = fullScale(this.#size(), shown, window.devicePixelRatio);
      this.zoom(scale / this.#lie.scale, this.#middle());
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

  zoom(factor: number, at: { x: number; y: number }): void {
    this.#set(zoomAt(this.#lie, factor, at));
  }

  #set(lie: Lie, tell = true): void {
    this.#lie = kept(lie, this.#size());
    const { scale, x, y } = this.#lie;
    // CSSOM: a style attribute would be refused by the content security policy
    const turned = turnedStyle(turnOf(this.element), this.#size(), this.#natural());
    this.pictureTarget.style.transform = `translate(${x}px, ${y}px) scale(${scale})${turned}`;
    for (const shown of this.scaleTargets) {
      shown.textContent = `${Math.round(scale * 100)}%`;
    }
    this.dispatch("lies", { bubbles: true, detail: this.#lie });
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

  /** How many pixels the picture has; one that rests behind another has those that it had. */
  #natural(): Size {
    const size = naturalSize(this.pictureTarget);
    this.#known = size.width * size.height > 0 ? size : this.#known;
    return this.#known;
  }

  /** Another picture of the stack stands here, maybe of another size. */
  #other = (): void => {
    const { width, height } = this.#known;
    const now = this.#natural();
    if (isLying(turnOf(this.element)) && (now.width !== width || now.height !== height)) {
      this.#set(this.#lie, false);
    }
  };

  #follow = (event: Event): void => {
    const { link, from, scale, x, y } = (event as CustomEvent).detail;
    if (link === this.linkValue && from !== this.element && this.linkValue !== "") {
      const { width, height } = this.#size();
      this.#set({ scale, x: x * width, y: y * height }, false);
    }
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

/** How many pixels a picture has, whichever element draws it. */
function naturalSize(picture: HTMLImageElement | HTMLCanvasElement): Size {
  return picture instanceof HTMLCanvasElement
    ? { width: picture.width, height: picture.height }
    : { width: picture.naturalWidth, height: picture.naturalHeight };
}
