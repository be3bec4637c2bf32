import { Controller } from "@hotwired/stimulus";
import { go, reload } from "../lib/place";
import { findReplaced, forgetReplaced, keepReplaced } from "../lib/replaced";
import { holdRoom, turnTo } from "../lib/turn";

/**
 * An arbiter's form that began as one of the two readings: the room is drawn with it in its own
 * place, so that what she had written before can be put back while the page is open.
 */
export class AdoptedController extends Controller<HTMLElement> {
  static override targets = ["undo", "back"];
  static override values = { case: String };
  declare readonly undoTarget: HTMLElement;
  declare readonly backTarget: HTMLElement;
  declare readonly hasUndoTarget: boolean;
  declare caseValue: string;

  override connect(): void {
    const body = findReplaced(this.caseValue);
    if (this.hasUndoTarget && body !== undefined) {
      // under the version of the form that stands here: it may have been written on since
      this.backTarget.dataset.actBodyValue = JSON.stringify({ ...body, version: this.#version });
      this.undoTarget.hidden = false;
    }
  }

  /** As an action: the server's answer says what gave way, and under which version. */
  take({ detail }: CustomEvent<{ version: number; replaced: Record<string, unknown> }>): void {
    keepReplaced(this.caseValue, detail.replaced, detail.version);
    void this.#draw();
  }

  /** As an action: what had been written stands in the form again. */
  undone(): void {
    forgetReplaced();
    void this.#draw();
  }

  /** As an action, on a page that is no room: the report is written in the room. */
  leave(): void {
    go(this.#room);
  }

  get #version(): number {
    return Number(document.querySelector<HTMLInputElement>("#report-form [name=version]")?.value);
  }

  get #room(): string {
    return `/cases/${this.caseValue}/reading`;
  }

  async #draw(): Promise<void> {
    const release = holdRoom();
    const isDone = await turnTo(this.#room);
    release();
    if (!isDone) {
      reload();
    }
  }
}
