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
    const first = this.filmTargets.find((film) => film.classList.contains("is-on"));
    this.#choose(first ?? this.filmTargets[0]);
  }

  override disconnect(): void {
    this.element.removeEventListener("seen:told", this.#seen);
    this.element.removeEventListener("pointerdown", this.#touched);
    this.element.removeEventListener("eye:chosen", this.#turned);
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
    const at = this.#film === undefined ? -1 : this.filmTargets.indexOf(this.#film);
    const next = this.filmTargets[at + by];
    if (next !== undefined) {
      this.#open(next);
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  #shown(side: string): HTMLButtonElement | undefined {
    const ofSide = this.filmTargets.filter((film) => film.dataset.side === side);
    return ofSide.find((film) => film.classList.contains("is-on"));
  }

  #open(film: HTMLButtonElement): void {
    const { film: id, side } = film.dataset;
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
    for (const one of this.cellTargets) {
      one.hidden = (one.dataset.side === "") !== (side === "");
    }
    for (const one of this.filmTargets.filter((other) => other.dataset.side === side)) {
      one.classList.toggle("is-on", one === film);
    }
    if (film.dataset.seen === "none") {
      film.dataset.seen = "preview";
    }
    this.#choose(film);
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

  #touched = (event: Event): void => {
    const cell = event.target instanceof Element ? event.target.closest(".view-cell") : null;
    if (cell instanceof HTMLElement && cell.dataset.side) {
      this.#choose(this.#shown(cell.dataset.side));
    }
  };

  #seen = (event: Event): void => {
    const shot = event.target instanceof Element ? event.target.closest("[data-film]") : null;
    const id = shot instanceof HTMLElement ? shot.dataset.film : undefined;
    const film = this.filmTargets.find((one) => one.dataset.film === id);
    if (film !== undefined) {
      film.dataset.seen = "full";
      this.dispatch("changed");
    }
  };
}
