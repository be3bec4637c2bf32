import { Controller } from "@hotwired/stimulus";
import { listen } from "../lib/events";
import { isLocked, onUnlocked } from "../lib/lock";
import { under } from "../lib/place";

const RINGING = "lianzhen ringing";
const REFUSED = "lianzhen not now";
const EVERY_MS = 4000;
const RINGS_MS = 40_000;
const ROOM_PAGE = /\/cases\/[^/]+\/room$/;

/** A call on a case of the reader's, heard on every page: go there, or not now. */
export class RingController extends Controller<HTMLElement> {
  static override targets = ["go", "caller"];
  declare readonly goTarget: HTMLAnchorElement;
  declare readonly callerTarget: HTMLElement;
  #listening = new AbortController();
  #timer = 0;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    listen(signal, {
      entry: ({ kind, case_id, at }) => {
        if (kind === "room.opened" && case_id !== null) {
          sessionStorage.setItem(RINGING, JSON.stringify({ case_id, at }));
        }
        if (/^room\.(opened|ended)$/.test(kind)) {
          void this.#look();
        }
      },
    });
    onUnlocked(() => void this.#look(), signal);
    void this.#look();
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#silence();
  }

  /** As an action of both buttons: this call rings no more in this window. */
  answer(): void {
    sessionStorage.setItem(REFUSED, this.element.dataset.room ?? "");
    this.#silence();
  }

  /** Whether the call that rang last still goes on, and waits for this reader. */
  async #look(): Promise<void> {
    const kept = sessionStorage.getItem(RINGING);
    if (kept === null || isLocked() || ROOM_PAGE.test(window.location.pathname)) {
      return;
    }
    const { case_id, at } = JSON.parse(kept) as { case_id: string; at: string };
    const { hostOf, nameOf, readRoom } = await import("../rooms/facts");
    const facts = await readRoom(`/api/cases/${case_id}/room`);
    const room = facts?.open_room_id ?? "";
    if (facts === undefined || room === "" || facts.role !== null) {
      sessionStorage.removeItem(RINGING);
      this.#silence();
      return;
    }
    if (room === sessionStorage.getItem(REFUSED) || this.#listening.signal.aborted) {
      return;
    }
    const { name, place } = nameOf(facts, hostOf(facts));
    this.callerTarget.textContent = `${name} · ${place}`;
    this.goTarget.href = under(`/cases/${case_id}/room`);
    this.element.dataset.room = room;
    this.element.hidden = false;
    await this.#sound(Date.parse(at) + RINGS_MS);
  }

  async #sound(until: number): Promise<void> {
    const { playRing } = await import("../rooms/sounds");
    window.clearInterval(this.#timer);
    const ring = () => {
      if (Date.now() < until && !this.element.hidden) {
        playRing();
      } else {
        window.clearInterval(this.#timer);
      }
    };
    this.#timer = window.setInterval(ring, EVERY_MS);
    ring();
  }

  #silence(): void {
    window.clearInterval(this.#timer);
    this.element.hidden = true;
  }
}
