import { init as startDecoders } from "@cornerstonejs/dicom-image-loader";
import { word } from "../lib/words";
import type { Bound } from "./colour";
import { type Film, filmOf, forgetFilms, spotsOf } from "./films";
import { forgetFrames, startFrames } from "./frames";
import { Glass } from "./glass";
import { Hands } from "./hands";
import { isShowable } from "./kinds";
import { Pane } from "./pane";
import { Press } from "./press";
import { startProvider } from "./provider";
import type { Spot } from "./standing";
import { type ConfiguredWindow, presetsOfFile, presetsOfHouse } from "./windows";
import { Witness } from "./witness";

/** What the page says of the viewer: config/viewing.toml, and what this reader has seen. */
export interface Options {
  onProcessor: boolean;
  windows: ConfiguredWindow[];
  bound: Bound;
  mostPixels: number;
  seenUrl: string;
}

const DECODERS = 2;
let hasDecoders = false;

/** The workers that decode belong to the page, and outlive the room. */
function startDecodersOnce(): void {
  if (!hasDecoders) {
    hasDecoders = true;
    startDecoders({ maxWebWorkers: DECODERS });
  }
}

/** The pictures of the reading room, drawn from their own pixels in the places of their previews. */
export class Stage {
  readonly press: Press;
  readonly glass: Glass;
  readonly #room: HTMLElement;
  readonly #options: Options;
  readonly #witness: Witness;
  readonly #panes = new Map<HTMLElement, Pane>();
  readonly #changed: () => void;
  #current: Pane | undefined;
  #isClosed = false;

  constructor(room: HTMLElement, options: Options, changed: () => void) {
    startProvider();
    startFrames();
    startDecodersOnce();
    this.#room = room;
    this.#options = options;
    this.#changed = changed;
    this.press = new Press(options.onProcessor);
    this.glass = new Glass(room);
    const known = this.#films().filter(({ button }) => button.dataset.seen === "full");
    this.#witness = new Witness(
      (film) => options.seenUrl.replace("{id}", film),
      known.map(({ id }) => id),
    );
    new Hands(room, this);
  }

  /** The room is left for another one in the same page: nothing of its pictures stays. */
  close(): void {
    this.#isClosed = true;
    this.#witness.close();
    this.press.close();
    for (const pane of this.#panes.values()) {
      pane.close();
    }
    forgetFrames();
    forgetFilms();
  }

  get current(): Pane | undefined {
    return this.#current;
  }

  /** The panes that a change of look concerns: the current one, and the other eye's if linked. */
  get meant(): Pane[] {
    const pane = this.#current;
    const isLinked =
      this.#room.querySelector("[data-room-target=link][aria-pressed=true]") !== null;
    if (pane === undefined || !isLinked || sideOf(pane) === "") {
      return pane === undefined ? [] : [pane];
    }
    return [...this.#panes.values()].filter(
      (each) => each.view.offsetParent && sideOf(each) !== "",
    );
  }

  paneAt(target: EventTarget | null): Pane | undefined {
    const view = target instanceof Element ? target.closest<HTMLElement>(".view") : null;
    return view === null ? undefined : this.#panes.get(view);
  }

  /** A film was taken up: the shots on the page are opened, those behind them rest. */
  async chosen(filmId: string | undefined): Promise<void> {
    const films = this.#films();
    const opened: Promise<void>[] = [];
    for (const shot of this.#room.querySelectorAll<HTMLElement>("[data-room-target=shot]")) {
      const view = shot.querySelector<HTMLElement>(".view[data-viewer]");
      if (view !== null && (shot.hidden || shot.closest("[hidden]") !== null)) {
        this.#panes.get(view)?.rest();
      } else if (view !== null) {
        opened.push(
          this.#open(
            view,
            films.filter((film) => film.shot === shot.dataset.film),
            filmId,
          ),
        );
      }
    }
    const film = films.find(({ id }) => id === filmId);
    const shot = this.#room.querySelector(`[data-room-target=shot][data-film="${film?.shot}"]`);
    this.#current = this.paneAt(shot?.querySelector(".view") ?? null);
    this.#changed();
    await Promise.all(opened);
    await this.#turnTo(filmId);
  }

  async #turnTo(filmId: string | undefined): Promise<void> {
    const pane = this.#current;
    if (pane !== undefined && filmId !== undefined && pane.spot?.film !== filmId) {
      const at = pane.find(filmId);
      if (at >= 0) {
        await pane.go(at);
      }
    }
    this.#changed();
  }

  /** An earlier picture beside today's: drawn alike, and never told as seen. */
  async beside(view: HTMLElement, films: Film[]): Promise<Pane> {
    for (const gone of [...this.#panes.keys()].filter((each) => !each.isConnected)) {
      this.#panes.get(gone)?.rest();
      this.#panes.delete(gone);
    }
    const pane = new Pane(view, {
      press: this.press,
      bound: this.#options.bound,
      presetsOf: (spot) => this.#presetsOf(spot),
      shown: () => this.#changed(),
      gaveUp: (by) => giveUp(by.view, films),
    });
    this.#panes.set(view, pane);
    const spots = this.#isClosed ? [] : await spotsOf(films).catch(() => []);
    const { at = 0, length = 1 } = this.#current ?? {};
    const place = Math.round((at / Math.max(length - 1, 1)) * (spots.length - 1));
    await this.#fill(pane, spots, films, Math.max(place, 0));
    return pane;
  }

  async #fill(pane: Pane, spots: Spot[], films: Film[], at = 0): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    const { mostPixels } = this.#options;
    if (spots.length === 0 || spots.some(({ frame }) => !isShowable(frame.set, mostPixels))) {
      giveUp(pane.view, films);
    } else {
      await pane.open(spots, at);
    }
  }

  async #open(view: HTMLElement, films: Film[], filmId = ""): Promise<void> {
    const known = this.#panes.get(view);
    if (known !== undefined) {
      await known.wake();
      return;
    }
    const pane = new Pane(view, {
      press: this.press,
      bound: this.#options.bound,
      presetsOf: (spot) => this.#presetsOf(spot),
      shown: (by, spot) => this.#shown(by, spot),
      gaveUp: (by) => giveUp(by.view, films),
    });
    this.#panes.set(view, pane);
    this.#witness.watch(pane);
    try {
      const spots = await spotsOf(films);
      sortStrip(spots, films);
      const at = spots.findIndex(({ film }) => film === filmId);
      await this.#fill(pane, spots, films, Math.max(at, 0));
    } catch {
      if (!this.#isClosed) {
        giveUp(view, films);
      }
    }
  }

  #presetsOf({ frame }: Spot) {
    const own = presetsOfFile(frame.set, word("viewerOfFile"));
    return [...own, ...presetsOfHouse(frame.set, this.#options.windows)];
  }

  #shown(pane: Pane, spot: Spot): void {
    this.#witness.drawn(pane, spot);
    pane.view.dataset.spotFilm = spot.film;
    pane.view.dataset.spotFrame = String(spot.frame.number);
    pane.view.dispatchEvent(new CustomEvent("viewer:shown", { bubbles: true }));
    if (pane === this.#current) {
      const detail = { film: spot.film };
      this.#room.dispatchEvent(new CustomEvent("viewer:turned", { detail }));
      this.#changed();
    }
  }

  #films(): Film[] {
    return [...this.#room.querySelectorAll<HTMLElement>(".film[data-instance]")].map(filmOf);
  }
}

function sideOf(pane: Pane): string {
  return pane.view.closest<HTMLElement>(".view-cell")?.dataset.side ?? "";
}

/** The server draws this one: the preview stays, and its full picture takes its place. */
function giveUp(view: HTMLElement, films: Film[]): void {
  view.dataset.viewer = "off";
  const said = view.querySelector<HTMLElement>("[data-part=bad]");
  if (said !== null && films.some(({ frames }) => frames > 1)) {
    said.textContent = word("viewerFirstFrame");
    said.hidden = false;
  }
  view.dispatchEvent(new CustomEvent("viewer:gave-up"));
}

/** The strip stands in the order in which the stack is scrolled. */
function sortStrip(spots: Spot[], films: Film[]): void {
  const items = new Map(films.map(({ id, button }) => [id, button.closest("li")]));
  const after = document.createElement("li");
  films[0]?.button.closest("li")?.before(after);
  for (const id of new Set(spots.map(({ film }) => film))) {
    const item = items.get(id);
    if (item) {
      after.before(item);
    }
  }
  after.remove();
}
