import { under } from "../../lib/place";
import type { Size } from "../../lib/zoom";
import type { Picture } from "../../marks/model";
import type { Film } from "../../viewer/films";

/** By which id the room knows the picture of a film. */
export function imageOf(film: Film | undefined): string {
  return film?.button.dataset.image ?? "";
}

export function pictureOf(film: Film): Picture {
  const { columns = "1", rows = "1" } = film.button.dataset;
  return { image: imageOf(film), columns: Number(columns), rows: Number(rows), spacing: null };
}

/** How many pixels a picture has on this page, whichever element draws it. */
export function sizeOf(shown: HTMLCanvasElement | HTMLImageElement): Size {
  return shown instanceof HTMLImageElement
    ? { width: shown.naturalWidth, height: shown.naturalHeight }
    : { width: shown.width, height: shown.height };
}

/** A view for a film, with its preview; where the viewer gives up, the server's drawing stands there. */
export function makeView(template: HTMLTemplateElement | null, film: Film): HTMLElement {
  const view = template?.content.firstElementChild?.cloneNode(true) as HTMLElement;
  const image = view.querySelector("img");
  if (image !== null) {
    image.src = under(film.button.dataset.preview ?? "");
    view.addEventListener("viewer:gave-up", () => {
      image.src = under(`${film.path}/rendered`);
    });
  }
  return view;
}

/** Say on the view which picture it shows, in the words of the strip. */
export function title(view: HTMLElement, film: Film): void {
  const caption = film.button.querySelector(".film-cap")?.cloneNode(true);
  view.querySelector(".view-tl")?.replaceChildren(...(caption?.childNodes ?? []));
}
