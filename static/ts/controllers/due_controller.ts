import { Controller } from "@hotwired/stimulus";
import { changeIcon } from "../lib/icons";
import { serverNow } from "../lib/now";
import { remaining } from "../lib/remaining";

const TICK_MS = 20_000;
const SOON_MINUTES = 120;
const ICONS: Record<string, string> = { over: "alert", soon: "wait", calm: "clock" };

/** Keeps the remaining time of a promise true: data-due-at, data-due-soon (minutes). */
export class DueController extends Controller<HTMLElement> {
  #timer: number | undefined;

  override connect(): void {
    this.#timer = window.setInterval(() => this.#show(), TICK_MS);
    this.#show();
  }

  override disconnect(): void {
    window.clearInterval(this.#timer);
  }

  #show(): void {
    const at = Date.parse(this.element.dataset.dueAt ?? "");
    const small = this.element.querySelector("small");
    if (Number.isNaN(at) || small === null) {
      return;
    }
    const soonMs = Number(this.element.dataset.dueSoon ?? SOON_MINUTES) * 60_000;
    const { state, text } = remaining(at - serverNow(), soonMs);
    if (small.textContent !== text) {
      small.textContent = text;
      this.element.classList.toggle("due-soon", state === "soon");
      this.element.classList.toggle("due-over", state === "over");
      changeIcon(this.element.querySelector("svg"), ICONS[state] ?? "clock");
    }
  }
}
