import { Controller } from "@hotwired/stimulus";
import { morph } from "../lib/morph";
import { under } from "../lib/place";

const PAGE = "/join/papers";
const LOOKS_MS = 2000;
const PATIENCE_MS = 15_000;

/** A telephone's page: what became of its photographs, until its time is over. */
export class TelephoneController extends Controller<HTMLElement> {
  static override values = { seconds: Number };
  static override targets = ["came"];
  declare secondsValue: number;
  declare readonly cameTarget: HTMLElement;
  #looking = 0;
  #ending = 0;

  override connect(): void {
    // a count from here on: a telephone's own clock may be wrong
    this.#ending = window.setTimeout(() => window.location.reload(), this.secondsValue * 1000);
    this.#wait();
  }

  override disconnect(): void {
    window.clearTimeout(this.#looking);
    window.clearTimeout(this.#ending);
  }

  async draw(): Promise<void> {
    window.clearTimeout(this.#looking);
    try {
      await this.#draw();
    } catch {
      this.cameTarget.dataset.checking = "1"; // asked for again in a moment
    }
    this.#wait();
  }

  async #draw(): Promise<void> {
    const answer = await fetch(under(PAGE), {
      headers: { Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById(this.cameTarget.id);
    if (now === null) {
      window.location.reload();
    } else if (this.element.isConnected) {
      morph(this.cameTarget, now, null);
    }
  }

  #wait(): void {
    if (this.cameTarget.dataset.checking !== "0") {
      this.#looking = window.setTimeout(() => void this.draw(), LOOKS_MS);
    }
  }
}
