import { Latest } from "../../lib/latest";
import { type Turn, turnOf, turnTo } from "../../lib/turning";
import { FIT, type Lie } from "../../lib/zoom";
import type { Picture } from "../../marks/model";
import { type Film, filmOf } from "../../viewer/films";
import type { Pane } from "../../viewer/pane";
import type { Options, Stage } from "../../viewer/stage";
import { type Framed, fieldOf, lieOf } from "./field";
import { imageOf, makeView, pictureOf, sizeOf, title } from "./film";
import type { View } from "./model";

const LINK = "together";

/** What hears of the picture: another stands there, it lies otherwise, its frame has another size. */
interface Around {
  placed(view: HTMLElement, frame: HTMLElement, picture: Picture): void;
  moved(): void;
  resized(): void;
}

/** The picture that is looked at together, drawn by the viewer from its own pixels. */
export class Surface {
  readonly #root: HTMLElement;
  readonly #around: Around;
  readonly #films: Film[];
  #stage: Promise<Stage> | undefined;
  #film: Film | undefined;
  #view: HTMLElement | undefined;
  #pane: Pane | undefined;
  #lie: Lie = FIT;
  #wanted: { film: Film; frame: number } | undefined;
  readonly #opening = new Latest(() => this.#open());
  readonly #sizes = new ResizeObserver(() => this.#around.resized());

  constructor(root: HTMLElement, around: Around) {
    this.#root = root;
    this.#around = around;
    this.#films = [...root.querySelectorAll<HTMLElement>(".film[data-instance]")].map(filmOf);
    root.addEventListener("zoom:lies", (event) => {
      this.#lie = (event as CustomEvent<Lie>).detail;
      around.moved();
    });
  }

  /** What the viewer draws; nothing where the server does. */
  get pane(): Pane | undefined {
    return this.#pane?.isOn === true ? this.#pane : undefined;
  }

  /** The picture that comes first in the strip. */
  get first(): string {
    return imageOf(this.#films[0]);
  }

  has(image: string): boolean {
    return this.#find(image) !== undefined;
  }

  pictureOf(image: string): Picture | undefined {
    const film = this.#find(image);
    return film === undefined ? undefined : pictureOf(film);
  }

  /** Whether this frame of this picture is what stands there. */
  stands({ image, frame }: View): boolean {
    return imageOf(this.#film) === image && (this.#pane?.spot?.frame.number ?? 1) === frame;
  }

  /** Have a frame of a picture there; a later wish overtakes an earlier one. */
  async show(image: string, frame = 1): Promise<void> {
    const film = this.#find(image);
    if (film !== undefined) {
      this.#wanted = { film, frame };
      await this.#opening.again();
    }
  }

  /** How it stands there now; nothing while it is on its way. */
  read(): View | undefined {
    const framed = this.#framed();
    const pane = this.#pane;
    if (framed === undefined || pane === undefined) {
      return undefined;
    }
    const { quarters, isMirrored } = framed.turn;
    const { range, isChosen, inverted, redFree, enhanced } = pane.look;
    const hasWindow = range.lower < range.upper && (isChosen || !pane.isColour);
    return {
      image: imageOf(this.#film),
      frame: pane.spot?.frame.number ?? 1,
      ...fieldOf(framed, this.#lie),
      window: hasWindow ? [range.lower, range.upper] : null,
      inverted,
      red_free: redFree,
      enhanced,
      quarters,
      mirrored: isMirrored,
    };
  }

  /** Have it stand as it stands at the presenter's. */
  async apply(view: View): Promise<void> {
    await this.show(view.image, view.frame);
    const { pane } = this;
    if (pane !== undefined) {
      const { look } = pane;
      if (view.window === null && look.isChosen) {
        await pane.reset();
      }
      look.redFree = view.red_free;
      look.enhanced = view.enhanced;
      look.inverted = view.inverted;
      if (view.window !== null) {
        look.choose({ lower: view.window[0], upper: view.window[1] });
      }
      await pane.paint();
    }
    this.#turn({ quarters: view.quarters, isMirrored: view.mirrored });
    this.lay(view);
  }

  /** The same part of the picture in this frame, whose size may have changed. */
  lay(view: View): void {
    const framed = this.#framed();
    if (framed !== undefined) {
      const { scale, x, y } = lieOf(framed, view);
      const { width, height } = framed.frame;
      const detail = { link: LINK, from: null, scale, x: x / width, y: y / height };
      window.dispatchEvent(new CustomEvent("zoom:moved", { detail }));
    }
  }

  fit(): void {
    this.#view?.querySelector<HTMLElement>('[data-action="zoom#fit"]')?.click();
  }

  /** Nothing is looked at any more: the graphics card is given back. */
  async close(): Promise<void> {
    const stage = this.#stage;
    this.#stage = undefined;
    this.#wanted = undefined;
    this.#clear();
    (await stage)?.close();
    if (this.#stage === undefined) {
      this.#root.querySelector(".glass")?.remove();
    }
  }

  #clear(): void {
    this.#sizes.disconnect();
    this.#view?.remove();
    this.#view = undefined;
    this.#pane = undefined;
    this.#film = undefined;
    this.#lie = FIT;
  }

  #turn(turn: Turn): void {
    const before = turnOf(this.#view ?? null);
    if (before.quarters === turn.quarters && before.isMirrored === turn.isMirrored) {
      return;
    }
    if (this.pane !== undefined) {
      this.pane.turn(turn);
    } else if (this.#view !== undefined) {
      turnTo(this.#view, turn);
    }
  }

  async #open(): Promise<void> {
    const { film, frame } = this.#wanted ?? {};
    if (film === undefined || frame === undefined) {
      return;
    }
    if (this.#film?.shot !== film.shot || this.#pane === undefined) {
      await this.#place(film);
    }
    const at = this.#pane?.find(film.id) ?? -1;
    if (at >= 0 && this.#pane?.at !== at + frame - 1) {
      await this.#pane?.go(at + frame - 1);
    }
    this.#settled();
  }

  /** A view of its own for what is scrolled in one place. */
  async #place(film: Film): Promise<void> {
    this.#stage ??= this.#start();
    const stage = await this.#stage;
    this.#clear();
    const view = makeView(this.#root.querySelector("template[data-part=view]"), film);
    this.#film = film;
    this.#view = view;
    this.#root.querySelector("[data-part=cell]")?.replaceChildren(view);
    const frame = view.querySelector(".view-img");
    if (frame !== null) {
      this.#sizes.observe(frame);
    }
    const films = this.#films.filter(({ shot }) => shot === film.shot);
    this.#pane = await stage.beside(view, films);
  }

  async #start(): Promise<Stage> {
    const { Stage } = await import("../../viewer/stage");
    const onProcessor = new URLSearchParams(window.location.search).get("render") === "cpu";
    const told = JSON.parse(this.#root.dataset.viewing ?? "{}") as Options;
    const options = { ...told, onProcessor, seenUrl: "" };
    return new Stage(this.#root, options, () => this.#settled());
  }

  /** A picture has come to stand there. */
  #settled(): void {
    const spot = this.#pane?.spot;
    const film = this.#films.find(({ id }) => id === spot?.film) ?? this.#film;
    const frame = this.#view?.querySelector<HTMLElement>(".view-img");
    if (this.#view === undefined || film === undefined || !frame) {
      return;
    }
    this.#film = film;
    title(this.#view, film);
    for (const { id, button } of this.#films) {
      button.setAttribute("aria-current", String(id === film.id));
    }
    this.#view.dispatchEvent(new CustomEvent("viewer:shown"));
    this.#around.placed(this.#view, frame, pictureOf(film));
  }

  #framed(): Framed | undefined {
    const frame = this.#view?.querySelector<HTMLElement>(".view-img");
    const shown = frame?.querySelector<HTMLCanvasElement | HTMLImageElement>("canvas, img");
    const isWhole = this.pane === undefined || this.pane.isWhole;
    if (!frame || !shown || this.#film === undefined || !isWhole) {
      return undefined;
    }
    const canvas = sizeOf(shown);
    const { clientWidth: width, clientHeight: height } = frame;
    if (canvas.width * canvas.height * width * height === 0) {
      return undefined;
    }
    const { columns, rows } = pictureOf(this.#film);
    const turn = turnOf(this.#view ?? null);
    return { frame: { width, height }, canvas, cells: { columns, rows }, turn };
  }

  #find(image: string): Film | undefined {
    return this.#films.find((film) => imageOf(film) === image);
  }
}
