import { Controller } from "@hotwired/stimulus";
import { readDesk } from "../lib/desk";
import { keepDrafts } from "../lib/drafts";
import { drawnAs } from "../lib/drawing";
import { morph } from "../lib/morph";
import { under, useTurning } from "../lib/place";
import { noticePlace, showSentence } from "../lib/problems";
import { word } from "../lib/words";

const LIST = /^\/desk(\?|$)/;
const PARTS = ["desk-tabs", "desk-dialogs"];
const OPEN = "tr.is-open";
const FORM = "tr.row-form";

/** The referral office's list: requests open in it one after the other, and the page is never left. */
export class OfficeController extends Controller<HTMLElement> {
  #listening = new AbortController();
  #turns = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.element.addEventListener("click", this.#click, { signal });
    useTurning((location) => this.#leads(location), signal);
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  #click = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest("a[data-office]") : null;
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (link instanceof HTMLAnchorElement && isPlain) {
      event.preventDefault();
      void this.#go(`/desk${link.search}`);
    }
  };

  /** Whether an answer leads on within the list: to an address of it, or to the open request. */
  #leads(location: string): boolean {
    const open = this.element.querySelector<HTMLElement>(OPEN)?.dataset.key;
    const isOpen = open !== undefined && location === `/desk/referrals/${open}`;
    if (isOpen || LIST.test(location)) {
      const place = isOpen ? `/desk${window.location.search}` : location;
      void this.#turn(place, open !== undefined);
      return true;
    }
    return false;
  }

  async #go(location: string): Promise<void> {
    if ((await keepDrafts(this.element)) !== null) {
      await this.#turn(location, false);
    }
  }

  /** After an act on the open request: one that has left the list gives its place to the next. */
  async #turn(location: string, isAfter: boolean): Promise<void> {
    this.#turns += 1;
    const turn = this.#turns;
    const next = this.element.querySelector<HTMLElement>(FORM)?.dataset.next ?? "";
    let [page, drawn] = [await readDesk(location), location];
    if (isAfter && next !== "" && page !== null && page.querySelector(FORM) === null) {
      [page, drawn] = [await readDesk(next), next];
    }
    if (page === null) {
      showSentence(noticePlace(this.element), word("network"));
    } else if (turn === this.#turns && this.element.isConnected) {
      this.#show(page, drawn);
    }
  }

  #show(page: Document, location: string): void {
    window.history.replaceState(null, "", under(location));
    drawnAs(under(location));
    document.getElementById("notices")?.replaceChildren();
    // what was typed into the row that closes was sent, or is given up
    this.element.querySelector(FORM)?.remove();
    for (const part of [this.element, ...PARTS.map((id) => document.getElementById(id))]) {
      const now = part === null ? null : page.getElementById(part.id);
      if (part !== null && now !== null) {
        morph(part, now, null);
      }
    }
    const row = this.element.querySelector(OPEN);
    row?.scrollIntoView({ block: "nearest" });
    this.element.querySelector(FORM)?.scrollIntoView({ block: "nearest" });
    const first = this.element.querySelector<HTMLElement>("[data-office-first]");
    (first ?? row?.querySelector<HTMLElement>("a"))?.focus({ preventScroll: true });
  }
}
