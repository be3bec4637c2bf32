import { Controller } from "@hotwired/stimulus";
import { drawAll, drawRows, nextSearch, readDesk, rowUnder, turnDesk } from "../lib/desk";
import { keepDrafts } from "../lib/drafts";
import { drawnAs, nextDrawing } from "../lib/drawing";
import { concerns } from "../lib/entry";
import { listen } from "../lib/events";
import { under, useRedrawing, useTurning } from "../lib/place";
import { noticePlace, showSentence } from "../lib/problems";
import { droppedFiles } from "../lib/uploads/folders";
import { uploadQueue } from "../lib/uploads/session";
import { word } from "../lib/words";

const DESK = /^\/screening(\?|$)/;
const NEXT = "F2";

/** The screening desk: its patients follow one another in the page, which is never left. */
export class DeskController extends Controller<HTMLElement> {
  static override values = { kinds: String };
  declare kindsValue: string;
  #listening = new AbortController();
  #turns = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("click", this.#click, { signal });
    document.addEventListener("keydown", this.#key, { signal });
    this.element.addEventListener("dragover", this.#over, { signal });
    this.element.addEventListener("drop", (event) => void this.#drop(event), { signal });
    useTurning((location) => this.#leads(location), signal);
    useRedrawing(() => void this.#redraw(), signal);
    const hear = (kind: string) => concerns(this.kindsValue, kind) && void this.#refresh();
    listen(signal, { entry: ({ kind }) => hear(kind), reset: () => void this.#refresh() });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  #click = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest("a[data-desk]") : null;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link instanceof HTMLAnchorElement && isPlain) {
      event.preventDefault();
      void this.#go(`/screening${link.search}`);
    }
  };

  #key = (event: KeyboardEvent): void => {
    const isFree = !event.isComposing && document.querySelector("dialog[open]") === null;
    if (event.code === NEXT && isFree) {
      event.preventDefault();
      document.getElementById("desk-next")?.click();
    }
  };

  /** Whether an answer leads on within the desk: a case that was sent leads to the next patient. */
  #leads(location: string): boolean {
    const sent = this.element.querySelector<HTMLElement>("tr.is-open")?.dataset.case;
    if (sent !== undefined && location === `/cases/${sent}`) {
      void this.#turn(`/screening${nextSearch()}`);
      return true;
    }
    const isDesk = DESK.test(location);
    if (isDesk) {
      void this.#go(location);
    }
    return isDesk;
  }

  /** What was typed is with the server before another patient's row takes its place. */
  async #go(location: string): Promise<void> {
    if ((await keepDrafts(this.element)) !== null) {
      await this.#turn(location);
    }
  }

  async #turn(location: string): Promise<void> {
    this.#turns += 1;
    const turn = this.#turns;
    const page = await readDesk(location);
    if (page === null) {
      showSentence(noticePlace(this.element), word("network"));
    } else if (turn === this.#turns && this.element.isConnected) {
      this.#show(page, location);
    }
  }

  #show(page: Document, location: string): void {
    window.history.replaceState(null, "", under(location));
    drawnAs(under(location));
    document.getElementById("notices")?.replaceChildren();
    document.querySelector<HTMLFormElement>("#desk-scan")?.reset();
    turnDesk(this.element, page);
    const open = document.querySelector(".desk-list tr.is-open");
    open?.scrollIntoView({ block: "start" });
    const first = open === null ? "#scan" : "tr.is-open a";
    document.querySelector<HTMLElement>(first)?.focus({ preventScroll: true });
  }

  async #redraw(): Promise<void> {
    const turn = this.#turns;
    const page = await readDesk(`/screening${window.location.search}`);
    if (page === null) {
      showSentence(noticePlace(this.element), word("network"));
    } else if (turn === this.#turns) {
      drawAll(this.element, page);
    }
  }

  /** News of any patient of the day; the reader's own row is left to its own parts. */
  async #refresh(): Promise<void> {
    const turn = this.#turns;
    const page = await nextDrawing().catch(() => null);
    if (page !== null && turn === this.#turns && this.element.isConnected) {
      drawRows(this.element, page);
    }
  }

  /** A file that misses its row must not open in the browser, in this page's place. */
  #over = (event: DragEvent): void => event.preventDefault();

  /** Photographs go to the patient on whose row they fall, who becomes the current one first. */
  async #drop(event: DragEvent): Promise<void> {
    event.preventDefault();
    const row = rowUnder(event);
    if (row === null || event.dataTransfer === null) {
      return;
    }
    const { drop = "", case: caseId = "" } = row.dataset;
    const files = await droppedFiles(event.dataTransfer);
    try {
      await uploadQueue()?.add(caseId, files);
      await this.#go(drop);
    } catch {
      showSentence(noticePlace(this.element), word("browserFull"));
    }
  }
}
