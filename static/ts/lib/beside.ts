import { under } from "./place";
import type { PriorPicture } from "./priors";
import { word } from "./words";

/** The day of an earlier exam, and where it was taken. */
export interface When {
  day: string;
  place: string;
}

const SIDES = ["R", "L", ""];
const OTHERS = ".view-cell:not(.view-prior)";

function badge(text: string): HTMLElement {
  const made = document.createElement("p");
  made.className = "view-day";
  made.textContent = text;
  return made;
}

/** That the exam has no picture of this eye: another one never stands in its place. */
function nothing(when: When): HTMLElement {
  const none = document.createElement("p");
  none.className = "view-none";
  none.textContent = `${when.day}: ${word("priorNone")}`;
  return none;
}

/** An earlier picture in its frame, with its day, eye and field on it. */
export function framed(
  frames: HTMLTemplateElement[],
  picture: PriorPicture | undefined,
  today: DOMStringMap,
  when: When,
): Node {
  const made = frames[SIDES.indexOf(today.side ?? "")]?.content.cloneNode(true);
  const view = made instanceof DocumentFragment ? made.querySelector<HTMLElement>(".view") : null;
  if (picture === undefined || view === null) {
    return nothing(when);
  }
  const isOther = picture.side !== "" && picture.field !== today.field;
  const note = isOther ? ` (${word("priorOtherField")})` : "";
  view.querySelector(".view-tl > span:last-child")?.replaceChildren(picture.caption + note);
  view.setAttribute("aria-label", picture.label + note);
  view.append(badge(`${word("priorEarlier", { day: picture.day })} · ${when.place}`));
  const image = view.querySelector("img");
  if (image !== null) {
    image.alt = picture.label + note;
    image.src = under(picture.preview);
  }
  return view;
}

/** The server's drawing of the whole picture, where the viewer does not draw it. */
export function drawWhole(view: HTMLElement, picture: PriorPicture): void {
  const image = view.querySelector("img");
  if (image !== null) {
    image.src = under(`${picture.instance}/rendered`);
  }
}

/** This exam's eye stands alone with its day on it; without a film both eyes stand as before. */
export function setAside(views: HTMLElement, film: HTMLElement | undefined): void {
  for (const cell of views.querySelectorAll<HTMLElement>(OTHERS)) {
    const isOther = film !== undefined && cell.dataset.side !== film.dataset.side;
    cell.classList.toggle("is-away", isOther);
  }
  views.toggleAttribute("data-beside", film !== undefined);
  for (const old of views.querySelectorAll(`${OTHERS} .view-day`)) {
    old.remove();
  }
  const shot = `[data-room-target=shot][data-film="${film?.dataset.shot}"] .view`;
  views.querySelector(shot)?.append(badge(todayOf(film)));
}

export function todayOf(film: HTMLElement | undefined): string {
  return word("priorToday", { day: film?.dataset.day ?? "" });
}
