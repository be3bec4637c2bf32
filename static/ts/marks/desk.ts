import { onKeepDrafts } from "../lib/drafts";
import { onUnlocked } from "../lib/lock";
import { Bar } from "./bar";
import { Board } from "./board";
import type { Lesion, Sheet, Tool } from "./model";

export type Hand = Tool | "select" | "";

/** What the page says of the marks. */
export interface Told {
  caseId: string;
  url: string;
  sheets: Sheet[];
  lesions: Lesion[];
  mayDraw: boolean;
}

const TYPING = "input:not([type=checkbox],[type=radio]), textarea, select, [contenteditable]";
/** Where letters, +, − and Enter tell lesions. */
const TELLING = "[data-lesions-target~=table]";
const ENDS = ["Enter", "NumpadEnter"];
/** Below this width pictures are looked at and not drawn on. */
const NARROWEST_PX = 560;

/** The board with its bar and its keys: one hand draws, moves the picture, or sets its window. */
export class Desk {
  readonly board: Board;
  readonly #room: HTMLElement;
  readonly #bar: Bar;
  readonly #told: Told;

  constructor(element: HTMLElement, room: HTMLElement, told: Told, signal: AbortSignal) {
    this.#room = room;
    this.#told = told;
    this.#bar = new Bar(element, room);
    this.board = new Board(room, told, {
      changed: () => this.#update(),
      tell: (where) => this.#bar.say(where),
      signal,
    });
    room.addEventListener("room:chosen", this.#update, { signal });
    if (told.mayDraw) {
      this.#listen(signal);
    }
    this.board.start();
  }

  #listen(signal: AbortSignal): void {
    const { saver } = this.board;
    document.addEventListener("keydown", this.#key, { signal, capture: true });
    onKeepDrafts(signal, ({ source, waits }) => waits.push(this.#sent(source)));
    onUnlocked(saver.again, signal);
    window.addEventListener("online", saver.again, { signal });
    window.addEventListener("pagehide", () => saver.leave(), { signal });
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "hidden" && saver.leave(),
      { signal },
    );
    const hand = new MutationObserver(this.#handed);
    hand.observe(this.#room, { attributeFilter: ["data-hand"] });
    signal.addEventListener("abort", () => hand.disconnect());
  }

  /** A signature waits until the server has the sheet; other steps need not, for it is kept here. */
  async #sent(source: Element): Promise<boolean> {
    return (await this.board.saver.flush()) || source !== this.#room;
  }

  open(): void {
    this.use(this.board.tool === "" ? "select" : this.board.tool);
  }

  /** Take up a tool, or put it down again. */
  use(tool: Hand): void {
    if (window.innerWidth > NARROWEST_PX && this.#told.mayDraw) {
      this.#take(this.board.tool === tool ? "" : tool);
    }
  }

  key(): void {
    const image = this.#bar.film?.dataset.image;
    if (image !== undefined && !this.board.turnKey(image)) {
      this.#bar.refuse("marksTwelve");
    }
  }

  others(): void {
    this.board.showsOthers = !this.board.showsOthers;
    this.board.draw();
  }

  /** A lesion for the selected mark and those that come. */
  mark(code: string): void {
    this.board.lesion = code === "" ? null : code;
    this.board.change({ lesion: this.board.lesion });
    this.board.draw();
  }

  label(text: string): void {
    this.board.change({ label: text.trim() });
  }

  theirs(): void {
    const drawing = this.board.saver.takeTheirs();
    if (drawing !== undefined) {
      this.board.replace(drawing);
    }
  }

  #update = (): void => {
    this.#bar.update(this.board);
  };

  #take(tool: Hand): void {
    this.board.pen.cancel();
    this.board.tool = tool;
    this.#room.dataset.hand = tool === "" ? "pan" : "draw";
    this.#bar.free(tool === "");
    this.board.select("");
  }

  /** Another hand was chosen in the viewer: the pen is put down. */
  #handed = (): void => {
    if (this.#room.dataset.hand !== "draw" && this.board.tool !== "") {
      this.board.pen.cancel();
      this.board.tool = "";
      this.board.select("");
    }
  };

  #key = (event: KeyboardEvent): void => {
    const isTyping = event.target instanceof Element && event.target.closest(TYPING) !== null;
    const isDialog = document.querySelector("dialog[open]") !== null;
    if (event.isComposing || event.altKey || isTyping || isDialog) {
      return;
    }
    const isBack = event.ctrlKey || event.metaKey;
    if (isBack ? this.#back(event) : this.#press(event.code) || this.#isTelling(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  #back({ code, shiftKey }: KeyboardEvent): boolean {
    if (code === "KeyY" || (code === "KeyZ" && shiftKey)) {
      this.board.store.redo();
      return true;
    }
    if (code === "KeyZ") {
      this.board.store.undo();
    }
    return code === "KeyZ";
  }

  /** While a tool is held, letters are lesions; no key writes the report or leaves the case. */
  #press(code: string): boolean {
    const { board } = this;
    if (board.tool === "") {
      return false;
    }
    if (code === "Escape") {
      if (!board.pen.cancel()) {
        this.#take("");
      }
      return true;
    }
    if (code === "Delete" || code === "Backspace") {
      board.remove();
      return true;
    }
    const lesion = this.#told.lesions.find(({ key }) => key === code);
    if (lesion !== undefined) {
      this.mark(lesion.code);
    }
    const isEnd = ENDS.includes(code) && board.pen.finish();
    return lesion !== undefined || isEnd || this.#isBeside(code);
  }

  /** The focus was left in the table of lesions, and the hand is at the pictures: nothing is told. */
  #isTelling({ code, target }: KeyboardEvent): boolean {
    const isThere = target instanceof Element && target.closest(TELLING) !== null;
    return isThere && this.board.tool !== "" && code !== "Tab";
  }

  /** What a key presses beside the pictures rests until the pen is put down. */
  #isBeside(code: string): boolean {
    const button = this.#room.querySelector(`[data-shortcut="${CSS.escape(code)}"]`);
    return button !== null && button.closest(".room-left") === null;
  }
}
