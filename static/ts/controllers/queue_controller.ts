import { Controller } from "@hotwired/stimulus";
import { choose, onChoice, readChoice } from "../lib/uploads/pace";
import type { News } from "../lib/uploads/row";
import { pendingCount, uploadQueue } from "../lib/uploads/session";
import { word } from "../lib/words";

/** The shell's line about files on their way: 待上传 12 张, on every page. */
export class QueueController extends Controller<HTMLElement> {
  static override targets = ["text", "bar", "pause", "share"];
  declare readonly textTarget: HTMLElement;
  declare readonly barTargets: HTMLProgressElement[];
  declare readonly pauseTargets: HTMLButtonElement[];
  declare readonly shareTargets: HTMLButtonElement[];
  #listening = new AbortController();
  #offline = false;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("uploads:pending", this.#show, { signal });
    onChoice(this.#show, signal);
    uploadQueue()?.listen(signal, (news) => this.#hear(news));
    this.#show();
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  pause(): void {
    choose({ paused: !readChoice().paused });
  }

  /** Whether other programs keep their part of the line. */
  share(): void {
    choose({ bounded: !readChoice().bounded });
  }

  #hear(news: News): void {
    if (news.say === "offline" || news.say === "online") {
      this.#offline = news.say === "offline";
      this.#show();
    } else if (news.say === "progress") {
      for (const bar of this.barTargets) {
        bar.max = Math.max(news.size, 1);
        bar.value = news.sent;
      }
    }
  }

  #show = (): void => {
    const n = pendingCount();
    this.element.hidden = n === 0;
    this.element.classList.toggle("queue-off", this.#offline);
    const { paused, bounded } = readChoice();
    const waits = paused ? "queuePaused" : "queuePending";
    this.textTarget.textContent = word(this.#offline ? "queueOffline" : waits, { n });
    for (const button of this.pauseTargets) {
      button.textContent = word(paused ? "goOn" : "pause");
    }
    for (const button of this.shareTargets) {
      button.setAttribute("aria-pressed", String(bounded));
    }
    for (const bar of this.barTargets) {
      bar.hidden = this.#offline;
    }
  };
}
