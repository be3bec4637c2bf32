import { Controller } from "@hotwired/stimulus";
import { listen } from "../lib/events";
import type { StreamState } from "../lib/stream";
import { word } from "../lib/words";

const WORDS: Record<StreamState, string> = {
  waiting: "streamWaiting",
  live: "streamLive",
  degraded: "streamDegraded",
  closed: "streamClosed",
};

/** The badge that says whether what is on the screen keeps itself current. */
export class StreamController extends Controller<HTMLElement> {
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    listen(this.#listening.signal, { state: (state) => this.#show(state) });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  #show(state: StreamState): void {
    this.element.textContent = word(WORDS[state]);
    this.element.dataset.state = state;
    this.element.classList.toggle("live-wait", state === "waiting");
    this.element.classList.toggle("live-off", state === "degraded" || state === "closed");
  }
}
