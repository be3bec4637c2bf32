import { Controller } from "@hotwired/stimulus";
import { word } from "../lib/words";

const FEWEST = 8;

/** The strip: a long series stands in it as the one picture that is before the reader, and a count. */
export class StripController extends Controller<HTMLElement> {
  static override targets = ["many"];
  declare readonly manyTargets: HTMLElement[];

  override connect(): void {
    this.element.addEventListener("room:chosen", this.#fold);
    this.element.addEventListener("room:changed", this.#fold);
    this.#fold();
  }

  override disconnect(): void {
    this.element.removeEventListener("room:chosen", this.#fold);
    this.element.removeEventListener("room:changed", this.#fold);
  }

  #fold = (): void => {
    const series = new Map<string, HTMLElement[]>();
    for (const film of this.element.querySelectorAll<HTMLElement>(".film[data-shot]")) {
      const { shot = "" } = film.dataset;
      series.set(shot, [...(series.get(shot) ?? []), film]);
    }
    for (const films of series.values()) {
      if (films.length >= FEWEST) {
        this.#foldOne(films);
      }
    }
  };

  #foldOne(films: HTMLElement[]): void {
    const shown =
      films.find((film) => film.getAttribute("aria-current") === "true") ??
      films.find((film) => film.classList.contains("is-on")) ??
      films[0];
    const seen = films.filter(({ dataset }) => dataset.seen === "full" || dataset.out).length;
    for (const film of films) {
      const item = film.closest("li");
      const many = this.manyTargets.find((each) => film.contains(each));
      if (item !== null) {
        item.hidden = film !== shown;
      }
      if (many !== undefined) {
        many.hidden = film !== shown;
        many.textContent = word("stripCount", { n: seen, m: films.length });
      }
    }
  }
}
