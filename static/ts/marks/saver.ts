import { type Answer, type Problem, send } from "../lib/api";
import type { Keeping, Kept } from "./keeping";
import { type Drawing, isSame, type Sheet } from "./model";
import type { MarkStore } from "./store";

/** Where the sheet is: with the server, on its way, or kept in this browser alone. */
export type Where =
  | { kind: "saved"; at: Date }
  | { kind: "waiting" }
  | { kind: "kept" }
  | { kind: "lost" }
  | { kind: "clash"; theirs: Sheet }
  | { kind: "refused"; problem: Problem };

const PAUSE_MS = 1_000;
const AGAIN_MS = 10_000;
/** A page that goes away may send so much along (the Fetch standard allows 64 KiB). */
const MOST_ALONG = 60_000;

/** Saves the sheet by itself; nothing of another window is ever overwritten unasked. */
export class Saver {
  readonly #url: string;
  readonly #keeping: Keeping;
  readonly #tell: (where: Where) => void;
  readonly #store: () => MarkStore;
  #revision: number;
  #saved: Drawing;
  #saving: Promise<void> | undefined;
  #timer: number | undefined;
  #theirs: Sheet | undefined;
  #at: Date;
  readonly #left: AbortSignal;

  constructor(
    url: string,
    sheet: Sheet,
    around: {
      keeping: Keeping;
      store: () => MarkStore;
      tell: (where: Where) => void;
      signal: AbortSignal;
    },
  ) {
    this.#url = url;
    this.#keeping = around.keeping;
    this.#store = around.store;
    this.#left = around.signal;
    this.#tell = (where) => {
      if (!this.#left.aborted) {
        around.tell(where);
      }
    };
    this.#left.addEventListener("abort", () => void this.flush());
    this.#revision = sheet.revision;
    this.#saved = sheet;
    this.#at = savedAt(sheet);
  }

  get isClean(): boolean {
    return isSame(this.#store().drawing, this.#saved);
  }

  /** Something was drawn: it is kept here at once, and sent a moment later. */
  touched(): void {
    if (this.isClean && this.#theirs === undefined) {
      this.#keeping.forget();
      this.#tell({ kind: "saved", at: this.#at });
      return;
    }
    const isKept = this.#keep();
    if (this.#theirs === undefined) {
      this.#tell({ kind: isKept ? "waiting" : "lost" });
      this.#soon(PAUSE_MS);
    }
  }

  /** What an earlier page could not send: on top of what it was drawn on, else the reader chooses. */
  resume(kept: Kept, sheet: Sheet): void {
    if (kept.revision === sheet.revision) {
      this.touched();
    } else {
      this.#clash(sheet);
    }
  }

  /** Save now, and say whether the server has what is drawn. */
  async flush(): Promise<boolean> {
    await this.#saving;
    if (!this.isClean && this.#theirs === undefined) {
      await this.#save();
    }
    return this.isClean && this.#theirs === undefined;
  }

  /** The page is hidden or goes: what is not sent yet goes along. */
  leave(): void {
    if (this.isClean || this.#theirs !== undefined || this.#saving !== undefined) {
      return;
    }
    void this.#save(JSON.stringify(this.#body()).length < MOST_ALONG);
  }

  /** The line is back, or the lock is open. */
  again = (): void => {
    if (!this.isClean && this.#theirs === undefined) {
      this.#soon(0);
    }
  };

  /** The reader takes what was saved elsewhere; her own is one step back. */
  takeTheirs(): Drawing | undefined {
    const theirs = this.#theirs;
    if (theirs !== undefined) {
      this.#hold(theirs);
      this.#keeping.forget();
    }
    return theirs;
  }

  /** The reader puts hers on top: the other one stays among the revisions. */
  async putMine(): Promise<void> {
    if (this.#theirs !== undefined) {
      this.#hold(this.#theirs);
      await this.#save();
    }
  }

  #hold(theirs: Sheet): void {
    this.#theirs = undefined;
    this.#revision = theirs.revision;
    this.#saved = theirs;
    this.#at = savedAt(theirs);
    this.#tell({ kind: "saved", at: this.#at });
  }

  /** In this browser; once the room is left only in its own place, which the next may have taken. */
  #keep(): boolean {
    const isTaken = this.#left.aborted && !this.#keeping.stands;
    return isTaken || this.#keeping.keep(this.#asKept());
  }

  #asKept(): Kept {
    const { marks, key_images } = this.#store().drawing;
    return { marks, key_images, revision: this.#revision, at: new Date().toISOString() };
  }

  #body() {
    const { marks, key_images } = this.#store().drawing;
    return { revision: this.#revision, marks, key_images };
  }

  #soon(pause: number): void {
    window.clearTimeout(this.#timer);
    if (this.#left.aborted) {
      // one try for a room that was left: what failed is kept, and sent when it is opened again
      return;
    }
    this.#timer = window.setTimeout(() => void this.#save(), pause);
  }

  async #save(keepalive = false): Promise<void> {
    window.clearTimeout(this.#timer);
    await this.#saving;
    if (this.isClean || this.#theirs !== undefined) {
      return;
    }
    this.#saving = this.#send(keepalive);
    await this.#saving;
    this.#saving = undefined;
  }

  async #send(keepalive: boolean): Promise<void> {
    const sent = this.#store().drawing;
    const answer = await send(this.#url, { method: "PUT", body: this.#body(), keepalive });
    if (answer.kind === "done") {
      this.#done(sent, answer.data as unknown as Sheet);
    } else {
      await this.#failed(answer);
    }
  }

  #done(sent: Drawing, sheet: Sheet): void {
    this.#revision = sheet.revision;
    this.#saved = sent;
    this.#at = savedAt(sheet);
    this.#store().takeEyes(sheet.marks);
    if (this.isClean) {
      this.#keeping.forget();
      this.#tell({ kind: "saved", at: this.#at });
    } else {
      this.touched();
    }
  }

  async #failed(answer: Exclude<Answer, { kind: "done" }>): Promise<void> {
    if (answer.kind === "problem" && answer.problem.code === "marks-moved-on") {
      await this.#meet();
      return;
    }
    const isFinal = answer.kind === "problem" && answer.problem.status < 500;
    if (isFinal && answer.problem.status !== 401) {
      this.#tell({ kind: "refused", problem: answer.problem });
    } else {
      this.#tell({ kind: this.#keep() ? "kept" : "lost" });
      this.#soon(AGAIN_MS);
    }
  }

  /** Another window has saved: if it is what is drawn here, nobody need choose. */
  async #meet(): Promise<void> {
    const answer = await send(this.#url, { method: "GET" });
    const sheets = answer.kind === "done" ? (answer.data.sheets as Sheet[]) : [];
    const theirs = sheets.find(({ is_mine }) => is_mine);
    if (theirs === undefined) {
      this.#tell({ kind: "kept" });
      this.#soon(AGAIN_MS);
    } else if (isSame(theirs, this.#store().drawing)) {
      this.#hold(theirs);
      this.#keeping.forget();
    } else {
      this.#clash(theirs);
    }
  }

  #clash(theirs: Sheet): void {
    this.#theirs = theirs;
    this.#keep();
    this.#tell({ kind: "clash", theirs });
  }
}

function savedAt(sheet: Sheet): Date {
  return sheet.saved_at === null ? new Date() : new Date(sheet.saved_at);
}
