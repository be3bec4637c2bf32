import { Controller } from "@hotwired/stimulus";
import { serverNow } from "../lib/now";

/** The clock of a held slot; when it has run out, the page says so and keeps what was typed. */
export class HoldController extends Controller<HTMLElement> {
  static override targets = ["left", "bar", "open", "over"];
  static override values = { until: String, most: { type: Number, default: 900 } };
  declare readonly leftTargets: HTMLElement[];
  declare readonly barTargets: HTMLProgressElement[];
  declare readonly openTargets: HTMLElement[];
  declare readonly overTargets: HTMLElement[];
  declare untilValue: string;
  declare mostValue: number;
  #timer: number | undefined;

  override connect(): void {
    this.#timer = window.setInterval(() => this.#show(), 1000);
    this.#show();
  }

  override disconnect(): void {
    window.clearInterval(this.#timer);
  }

  #show(): void {
    const untilEndS = Math.ceil((Date.parse(this.untilValue) - serverNow()) / 1000);
    const leftS = Math.min(Math.max(untilEndS, 0), this.mostValue);
    const text = `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, "0")}`;
    for (const left of this.leftTargets) {
      left.textContent = text;
    }
    for (const bar of this.barTargets) {
      bar.value = leftS;
    }
    if (leftS === 0) {
      this.#end();
    }
  }

  #end(): void {
    window.clearInterval(this.#timer);
    this.element.classList.add("is-over");
    for (const part of this.openTargets) {
      part.hidden = true;
    }
    for (const part of this.overTargets) {
      part.hidden = false;
    }
    this.dispatch("over");
  }
}
