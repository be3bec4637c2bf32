import { noticePlace, showProblem } from "../lib/problems";
import { clock, word } from "../lib/words";
import { type Board, PLAIN } from "./board";
import type { Mark } from "./model";
import type { Where } from "./saver";

/** The tools of drawing as the page shows them, and where the sheet is. */
export class Bar {
  readonly #element: HTMLElement;
  readonly #room: HTMLElement;
  #labelOf: string | undefined;

  constructor(element: HTMLElement, room: HTMLElement) {
    this.#element = element;
    this.#room = room;
  }

  /** Below the room, where nothing that is said moves a picture under the hand. */
  get #place(): HTMLElement | null {
    return this.#room.querySelector<HTMLElement>("[data-part=marks-state]");
  }

  /** The film that is taken up. */
  get film(): HTMLElement | null {
    return this.#room.querySelector<HTMLElement>(".film[aria-current=true]");
  }

  update(board: Board): void {
    this.#tools(board);
    this.#marked(board);
    this.#keys(board);
    const others = this.#part("others");
    if (others !== null) {
      others.hidden = !board.hasOthers;
      others.setAttribute("aria-pressed", String(board.showsOthers));
    }
    this.#enable("undo", board.store.canUndo);
    this.#enable("redo", board.store.canRedo);
  }

  /** Where the sheet is by now. */
  say(where: Where): void {
    const clash = this.#part("clash");
    if (clash !== null) {
      clash.hidden = where.kind !== "clash";
    }
    if (where.kind === "clash") {
      const { saved_at, marks } = where.theirs;
      const time = clock(saved_at === null ? new Date() : new Date(saved_at));
      this.#part("when")?.replaceChildren(word("marksTheirs", { time, n: marks.length }));
    } else if (where.kind === "refused") {
      showProblem(noticePlace(this.#element), where.problem, false);
    }
    this.#state(
      where.kind === "saved"
        ? word("marksSaved", { time: clock(where.at) })
        : word(NAMES[where.kind]),
    );
    this.#place?.setAttribute("data-where", where.kind);
    if (where.kind === "saved") {
      this.#room.dispatchEvent(new CustomEvent("room:changed", { bubbles: true }));
    }
  }

  refuse(name: string): void {
    this.#state(word(name));
  }

  /** Whether the hand is free to move the picture: the viewer's own buttons say so. */
  free(isFree: boolean): void {
    for (const hand of this.#room.querySelectorAll<HTMLElement>("[data-viewer-hand-param]")) {
      const isPan = hand.dataset.viewerHandParam === "pan";
      hand.setAttribute("aria-pressed", String(isFree && isPan));
    }
  }

  #tools(board: Board): void {
    const bar = this.#part("bar");
    if (bar !== null) {
      bar.hidden = board.tool === "";
    }
    for (const tool of this.#element.querySelectorAll<HTMLElement>("[data-marks-tool-param]")) {
      const isOn = tool.dataset.marksToolParam === board.tool;
      tool.setAttribute("aria-pressed", String(isOn));
    }
    this.#part("open")?.setAttribute("aria-expanded", String(board.tool !== ""));
  }

  /** The selected mark: its lesion and words can be changed where it is the reader's own. */
  #marked(board: Board): void {
    const mark = board.selected;
    const own = mark !== undefined && board.isOwn(mark) ? mark : undefined;
    this.#lesion((own === undefined ? board.lesion : own.lesion) ?? "");
    this.#label(own);
    this.#enable("remove", own !== undefined);
    this.#part("said")?.replaceChildren(mark === undefined ? "" : board.describe(mark));
  }

  #lesion(code: string): void {
    const select = this.#part<HTMLSelectElement>("lesion");
    if (select !== null) {
      select.value = code;
      const colour = select.selectedOptions[0]?.dataset.colour ?? PLAIN;
      this.#part("swatch")?.style.setProperty("background", colour);
    }
  }

  /** What is being typed is not overwritten; a new mark of words waits for them. */
  #label(own: Mark | undefined): void {
    const label = this.#part<HTMLInputElement>("label");
    const isNew = this.#labelOf !== own?.id;
    this.#labelOf = own?.id;
    if (label === null) {
      return;
    }
    label.disabled = own === undefined;
    if (isNew || document.activeElement !== label) {
      label.value = own?.label ?? "";
    }
    if (isNew && own?.tool === "text" && own.label === "") {
      label.focus({ preventScroll: true });
    }
  }

  #keys(board: Board): void {
    const chosen = board.keyImages;
    for (const film of this.#room.querySelectorAll<HTMLElement>(".film[data-image]")) {
      film.toggleAttribute("data-key", chosen.includes(film.dataset.image ?? ""));
    }
    const isKey = chosen.includes(this.film?.dataset.image ?? "");
    this.#part("key")?.setAttribute("aria-pressed", String(isKey));
  }

  #enable(name: string, isOn: boolean): void {
    const button = this.#part<HTMLButtonElement>(name);
    if (button !== null) {
      button.disabled = !isOn;
    }
  }

  #state(text: string): void {
    this.#place?.replaceChildren(text);
  }

  #part<T extends HTMLElement = HTMLElement>(name: string): T | null {
    return this.#element.querySelector<T>(`[data-part=marks-${name}]`);
  }
}

/** Which of the page's words says where the sheet is. */
const NAMES = {
  waiting: "marksWaiting",
  kept: "marksKept",
  lost: "marksLost",
  clash: "marksClash",
  refused: "marksRefused",
} as const;
