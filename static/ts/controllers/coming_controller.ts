import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import type { Entry } from "../lib/entry";
import { listen } from "../lib/events";
import { under } from "../lib/place";

const KIND = "video_session.";
const OVER = "video_session.over";

/** Says on every page what others did with the reader's video session, and that one begins. */
export class ComingController extends Controller<HTMLElement> {
  static override targets = ["text", "link"];
  declare readonly textTarget: HTMLElement;
  declare readonly linkTarget: HTMLAnchorElement;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    listen(this.#listening.signal, { entry: (entry) => void this.#hear(entry) });
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  close(): void {
    this.element.hidden = true;
  }

  async #hear(entry: Entry): Promise<void> {
    if (!entry.kind.startsWith(KIND) || entry.kind === OVER || entry.case_id === null) {
      return;
    }
    const answer = await send(`/api/cases/${entry.case_id}/video-sessions/news`, { method: "GET" });
    const sentence = answer.kind === "done" ? String(answer.data.sentence ?? "") : "";
    if (answer.kind === "done" && sentence !== "" && this.element.isConnected) {
      this.textTarget.textContent = sentence;
      this.linkTarget.href = under(String(answer.data.location));
      this.element.hidden = false;
    }
  }
}
