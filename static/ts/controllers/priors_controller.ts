import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { drawWhole, framed, setAside, type When } from "../lib/beside";
import { filmsOf, type PriorPicture, pick } from "../lib/priors";
import { word } from "../lib/words";
import type { Stage } from "../viewer/stage";

interface Exam extends When {
  id: string;
  shown: PriorPicture[];
}

/**
 * Earlier exams of the patient: one is opened beside today's picture of the same eye and field.
 * What is looked at there is never told as seen today.
 */
export class PriorsController extends Controller<HTMLElement> {
  static override targets = ["today", "exam", "turn", "cell", "frame", "say"];
  static override values = { url: String };
  declare readonly todayTarget: HTMLElement;
  declare readonly examTargets: HTMLElement[];
  declare readonly turnTarget: HTMLElement;
  declare readonly cellTarget: HTMLElement;
  declare readonly frameTargets: HTMLTemplateElement[];
  declare readonly sayTarget: HTMLElement;
  declare urlValue: string;
  readonly #opened = new Map<string, Exam>();
  #stage: Stage | undefined;
  #film: HTMLElement | undefined;
  #exam: Exam | undefined;
  #last = "";
  #standing = "";

  override connect(): void {
    this.element.addEventListener("room:chosen", this.#chosen);
    this.element.addEventListener("viewer:ready", this.#ready);
    this.#film = this.element.querySelector<HTMLElement>(".film[aria-current=true]") ?? undefined;
  }

  override disconnect(): void {
    this.element.removeEventListener("room:chosen", this.#chosen);
    this.element.removeEventListener("viewer:ready", this.#ready);
  }

  /** As an action: the exam of this button beside today's picture. */
  async open({ params }: { params: { id: string } }): Promise<void> {
    this.#last = params.id;
    const exam = this.#opened.get(params.id) ?? (await this.#ask(params.id));
    if (exam !== undefined && this.#last === params.id && this.element.isConnected) {
      this.#opened.set(params.id, exam);
      this.#exam = exam;
      this.#mark();
      this.#show();
    }
  }

  /** As an action: beside the exam that was opened last, or both eyes again. */
  turn(): void {
    const first = this.examTargets[0]?.dataset.priorsIdParam ?? "";
    if (this.#exam !== undefined) {
      this.leave();
    } else {
      void this.open({ params: { id: this.#last || first } });
    }
  }

  leave(): void {
    this.#exam = undefined;
    this.#standing = "";
    this.cellTarget.hidden = true;
    this.cellTarget.replaceChildren();
    this.sayTarget.textContent = "";
    this.#aside(undefined);
    this.#mark();
    this.dispatch("left");
  }

  async #ask(id: string): Promise<Exam | undefined> {
    const answer = await send(`${this.urlValue}/${id}/open`, { body: {} });
    this.sayTarget.textContent = answer.kind === "done" ? "" : word("priorClosed");
    return answer.kind === "done" ? (answer.data as unknown as Exam) : undefined;
  }

  #show(): void {
    const film = this.#film;
    const exam = this.#exam;
    if (film === undefined || exam === undefined) {
      return;
    }
    const picture = pick(exam.shown, film.dataset);
    const standing = [exam.id, film.dataset.shot, film.dataset.side, picture?.id].join(" ");
    this.#aside(film);
    if (standing === this.#standing) {
      return;
    }
    this.#standing = standing;
    this.cellTarget.dataset.side = film.dataset.side;
    this.cellTarget.hidden = false;
    this.cellTarget.replaceChildren(framed(this.frameTargets, picture, film.dataset, exam));
    const view = this.cellTarget.querySelector<HTMLElement>(".view");
    this.dispatch("shown", { detail: { exam: exam.id, picture, film, view } });
    if (view !== null && picture !== undefined) {
      this.#draw(view, picture, exam);
    }
  }

  /** By the viewer, or where it is not here or gives up, as the server draws it. */
  #draw(view: HTMLElement, picture: PriorPicture, exam: Exam): void {
    const link = this.element.querySelector("[data-room-target=link]");
    const isLinked = link?.getAttribute("aria-pressed") === "true" && picture.side !== "";
    view.dataset.zoomLinkValue = isLinked ? "eyes" : "";
    view.addEventListener("viewer:gave-up", () => drawWhole(view, picture), { once: true });
    if (this.#stage === undefined) {
      drawWhole(view, picture);
    } else {
      void this.#stage.beside(view, filmsOf(picture, exam.shown, view));
    }
  }

  #aside(film: HTMLElement | undefined): void {
    const views = this.cellTarget.parentElement;
    if (views !== null) {
      setAside(views, film);
    }
  }

  #mark(): void {
    for (const button of this.examTargets) {
      const isOpen = button.dataset.priorsIdParam === this.#exam?.id;
      button.setAttribute("aria-pressed", String(isOpen));
    }
    this.todayTarget.setAttribute("aria-pressed", String(this.#exam === undefined));
    this.turnTarget.setAttribute("aria-pressed", String(this.#exam !== undefined));
  }

  #chosen = (event: Event): void => {
    this.#film = (event as CustomEvent<{ film?: HTMLElement }>).detail.film;
    this.#show();
  };

  #ready = (event: Event): void => {
    this.#stage = (event as CustomEvent<{ stage: Stage }>).detail.stage;
    this.#standing = "";
    this.#show();
  };
}
