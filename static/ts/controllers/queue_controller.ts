import { Controller } from "@hotwired/stimulus";
import type { News } from "../lib/uploads/row";
import { pendingCount, uploadQueue } from "../lib/uploads/session";
import { word } from "../lib/words";

/** The shell's line about files on their way: 待上传 12 张, on every page. */
export class QueueController extends Controller<HTMLElement> {
  static override targets = ["text", "bar"];
  declare readonly textTarget: HTMLElement;
  declare readonly barTargets: HTMLProgressElement[];
  #listening = new AbortController();
  #offline = false;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("uploads:pending", this.#show, { signal });
    uploadQueue()?.listen(signal, (news) => this.#hear(news));
    this.#show();
  }

  override disconnect(): void {
    this.#listening.abort();
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
    this.textTarget.textContent = word(this.#offline ? "queueOffline" : "queuePending", { n });
    for (const bar of this.barTargets) {
      bar.hidden = this.#offline;
    }
  };
}
