import { Controller } from "@hotwired/stimulus";

/** The reading room: which picture of each eye is before the reader, and which is taken up. */
export class RoomController extends Controller<HTMLElement> {
  static override targets = ["cell", "shot", "later", "film", "link"];
  declare readonly cellTargets: HTMLElement[];
  declare readonly shotTargets: HTMLElement[];
  declare readonly laterTargets: HTMLTemplateElement[];
  declare readonly filmTargets: HTMLButtonElement[];
  declare readonly linkTarget: HTMLElement;
  #film: HTMLButtonElement | undefined;

  override connect(): void {
    this.element.addEventListener("seen:told", this.#seen);
    this.element.addEventListener("pointerdown", this.#touched);
    this.element.addEventListener("eye:chosen", this.#turned);
    this.element.addEventListener("viewer:turned", this.#scrolled);
    const first = this.filmTargets.find((film) => film.classList.contains("is-on"));
    this.#choose(first ?? this.filmTargets[0]);
  }

  override disconnect(): void {
    this.element.removeEventListener("seen:told", this.#seen);
    this.element.removeEventListener("pointerdown", this.#touched);
    this.element.removeEventListener("eye:chosen", this.#turned);
    this.element.removeEventListener("viewer:turned", this.#scrolled);
  }

  film(event: Event): void {
    this.#open(event.currentTarget as HTMLButtonElement);
  }

  previous(): void {
    this.#step(-1);
  }

  next(): void {
    this.#step(1);
  }

  /** Both eyes move together, or each by itself. */
  link(): void {
    const on = this.linkTarget.getAttribute("aria-pressed") !== "true";
    this.linkTarget.setAttribute("aria-pressed", String(on));
    this.#linkViews();
  }

  #linkViews(): void {
    const on = this.linkTarget.getAttribute("aria-pressed") === "true";
    for (const view of this.element.querySelectorAll<HTMLElement>(".view[data-controller~=zoom]")) {
      view.dataset.zoomLinkValue = on ? "eyes" : "";
    }
  }

  #step(by: number): void {
    const film = this.#film;
    const steps = this.#steps();
    const known = film === undefined ? [] : [film, this.#pairOf(film)];
    const step = steps[steps.findIndex((each) => known.includes(each)) + by];
    const half = step === undefined ? undefined : this.#pairOf(step);
    const next = half?.dataset.side === film?.dataset.side ? (half ?? step) : step;
    if (next !== undefined) {
      this.#open(next);
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  /** What one step after the other shows: of two halves that turn together, the first. */
  #steps(): HTMLButtonElement[] {
    const films = this.filmTargets.filter((film) => film.closest("[hidden]") === null);
    return films.filter((film, at) => {
      const half = this.#pairOf(film);
      return half === undefined || films.indexOf(half) > at;
    });
  }

  #shown(side: string): HTMLButtonElement | undefined {
    const ofSide = this.filmTargets.filter((film) => film.dataset.side === side);
    return ofSide.find((film) => film.classList.contains("is-on"));
  }

  #open(film: HTMLButtonElement): void {
    const pair = this.#pairOf(film);
    if (pair !== undefined) {
      this.#bring(pair);
    }
    this.#bring(film);
    for (const one of this.cellTargets) {
      one.hidden = (one.dataset.side === "") !== (film.dataset.side === "");
    }
    this.#choose(film);
  }

  /** While both eyes are linked, the other eye shows the same field of the protocol (VW-02). */
  #pairOf({ dataset }: HTMLButtonElement): HTMLButtonElement | undefined {
    const isLinked = this.linkTarget.getAttribute("aria-pressed") === "true";
    const others = this.filmTargets.filter(
      (one) => one.dataset.side !== "" && one.dataset.side !== dataset.side,
    );
    return isLinked && dataset.pair
      ? others.find((one) => one.dataset.pair === dataset.pair)
      : undefined;
  }

  /** Put a film before the reader, in the cell of its side. */
  #bring(film: HTMLButtonElement): void {
    const { side } = film.dataset;
    const id = shotOf(film);
    const cell = this.cellTargets.find((one) => one.dataset.side === side);
    const later = this.laterTargets.find((one) => one.dataset.film === id);
    if (cell !== undefined && later !== undefined) {
      cell.append(later.content.cloneNode(true));
      later.remove();
      this.#linkViews();
    }
    for (const shot of this.shotTargets.filter((one) => one.closest(".view-cell") === cell)) {
      shot.hidden = shot.dataset.film !== id;
    }
    this.#light(film);
  }

  /** The film that is on the screen of its side now. */
  #light(film: HTMLButtonElement): void {
    for (const one of this.filmTargets.filter(
      (other) => other.dataset.side === film.dataset.side,
    )) {
      one.classList.toggle("is-on", one === film);
    }
    if (film.dataset.seen === "none") {
      film.dataset.seen = "preview";
    }
  }

  #choose(film: HTMLButtonElement | undefined): void {
    this.#film = film;
    for (const one of this.filmTargets) {
      one.setAttribute("aria-current", String(one === film));
    }
    this.dispatch("chosen", { detail: { film } });
  }

  #turned = (event: Event): void => {
    this.#choose(this.#shown((event as CustomEvent<{ side: string }>).detail.side));
  };

  /** The stack was scrolled to another film, which is on the screen already. */
  #scrolled = (event: Event): void => {
    const { film: id } = (event as CustomEvent<{ film: string }>).detail;
    const film = this.filmTargets.find((one) => one.dataset.film === id);
    if (film !== undefined && film !== this.#film) {
      this.#light(film);
      this.#choose(film);
      film.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  };

  #touched = (event: Event): void => {
    const cell = event.target instanceof Element ? event.target.closest(".view-cell") : null;
    if (cell instanceof HTMLElement && cell.dataset.side) {
      this.#choose(this.#shown(cell.dataset.side));
    }
  };

  #seen = (event: Event): void => {
    const shot = event.target instanceof Element ? event.target.closest("[data-film]") : null;
    const told = (event as CustomEvent<{ film?: string }>).detail?.film;
    const id = told ?? (shot instanceof HTMLElement ? shot.dataset.film : undefined);
    const film = this.filmTargets.find((one) => one.dataset.film === id);
    if (film !== undefined) {
      film.dataset.seen = "full";
      this.dispatch("changed");
    }
  };
}

/** The place on the page that shows a film: a stack of them has one. */
function shotOf(film: HTMLElement): string | undefined {
  return film.dataset.shot ?? film.dataset.film;
}
