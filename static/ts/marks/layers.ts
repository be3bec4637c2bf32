import { Layer } from "./layer";
import type { Picture } from "./model";

/** A layer over each picture of the room, whichever way it is drawn; it follows what stands there. */
export class Layers {
  readonly #room: HTMLElement;
  readonly #drawOn: (layer: Layer) => void;
  readonly #layers = new Map<HTMLElement, Layer>();
  readonly #pictures = new Map<string, Picture>();
  readonly #sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      this.at(target)?.soon();
    }
  });
  readonly #replaced = new MutationObserver((records) => {
    for (const { target } of records) {
      this.#look(this.at(target));
    }
  });

  constructor(room: HTMLElement, drawOn: (layer: Layer) => void) {
    this.#room = room;
    this.#drawOn = drawOn;
    for (const film of room.querySelectorAll<HTMLElement>(".film[data-image]")) {
      this.#pictures.set(film.dataset.film ?? "", pictureOf(film));
    }
  }

  /** Begin to look: what draws is there from now on. */
  start(): void {
    const room = this.#room;
    for (const name of ["viewer:shown", "viewer:gave-up", "viewer:film", "load"]) {
      room.addEventListener(name, this.#turned, { capture: true });
    }
    room.addEventListener("room:chosen", this.#scan);
    room.addEventListener("zoom:lies", (event) => this.at(event.target)?.soon());
    this.#scan();
  }

  at(target: EventTarget | null): Layer | undefined {
    const frame = target instanceof Element ? target.closest<HTMLElement>(".view-img") : null;
    const inside =
      target instanceof Element ? target.querySelector<HTMLElement>(".view-img") : null;
    const found = frame ?? inside;
    return found === null ? undefined : this.#layers.get(found);
  }

  pictureOf(image: string): Picture | undefined {
    return [...this.#pictures.values()].find((picture) => picture.image === image);
  }

  draw(): void {
    for (const layer of this.#layers.values()) {
      this.#drawOn(layer);
    }
  }

  /** Views come with the first look at their film. */
  #scan = (): void => {
    for (const frame of this.#room.querySelectorAll<HTMLElement>(".view-cell .view-img")) {
      const view = frame.closest<HTMLElement>(".view");
      if (view !== null && !this.#layers.has(frame)) {
        const layer = new Layer(view, frame);
        this.#layers.set(frame, layer);
        this.#sizes.observe(frame);
        this.#replaced.observe(frame, { childList: true });
        this.#look(layer);
      }
    }
  };

  #turned = (event: Event): void => {
    this.#look(this.at(event.target));
  };

  /** Which frame of which film stands there now: the viewer says so, else it is the server's first. */
  #look(layer: Layer | undefined): void {
    if (layer === undefined) {
      return;
    }
    const { spotFilm, spotFrame, film } = layer.view.dataset;
    const box = layer.view.closest<HTMLElement>("[data-room-target=shot]")?.dataset.film;
    const isDrawn = layer.frame.querySelector("canvas") !== null && spotFilm !== undefined;
    layer.picture = this.#pictures.get((isDrawn ? spotFilm : (film ?? box)) ?? "");
    layer.number = isDrawn ? Number(spotFrame) : 1;
    this.#drawOn(layer);
  }
}

function pictureOf({ dataset }: HTMLElement): Picture {
  const [row = 0, column = 0] = (dataset.spacing ?? "").split(" ").map(Number);
  return {
    image: dataset.image ?? "",
    columns: Number(dataset.columns),
    rows: Number(dataset.rows),
    spacing: row > 0 && column > 0 ? { row, column } : null,
  };
}
