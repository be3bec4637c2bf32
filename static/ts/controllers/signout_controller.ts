import { Controller } from "@hotwired/stimulus";
import { follow } from "../lib/answers";
import { send } from "../lib/api";
import { openDialog } from "../lib/dialogs";
import { meta } from "../lib/place";
import { noticePlace } from "../lib/problems";
import { pendingCount, uploadQueue } from "../lib/uploads/session";
import { forgetMarks } from "../marks/keeping";

/** On a name that others share, their storage lies beside ours, which holds nobody's data. */
function wipeStorage(): void {
  if (meta("base-path") === "") {
    localStorage.clear();
    sessionStorage.clear();
  }
}

/** Signs out; asks first when files are still on their way, and leaves nothing in the browser. */
export class SignoutController extends Controller<HTMLElement> {
  static override values = { url: String, confirm: String };
  declare urlValue: string;
  declare confirmValue: string;
  #asking: AbortController | undefined;

  override connect(): void {
    this.element.addEventListener("click", this.#click);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#click);
    this.#asking?.abort();
  }

  #click = (event: Event): void => {
    event.preventDefault();
    const dialog = pendingCount() > 0 ? openDialog(this.confirmValue) : null;
    const form = dialog?.querySelector("form");
    if (!dialog || !form) {
      void this.#leave();
      return;
    }
    this.#asking?.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    dialog.addEventListener("close", () => this.#asking?.abort(), { signal });
    form.addEventListener(
      "submit",
      (submit) => {
        submit.preventDefault();
        dialog.close();
        void this.#giveUp();
      },
      { signal },
    );
  };

  async #giveUp(): Promise<void> {
    await uploadQueue()?.giveUp();
    await this.#leave();
  }

  async #leave(): Promise<void> {
    const answer = await send(this.urlValue, { body: {} });
    if (answer.kind === "done") {
      await uploadQueue()?.wipe();
      forgetMarks();
      wipeStorage();
    }
    const place = noticePlace(this.element);
    follow(answer, { source: this.element, event: "signout", place, stay: false });
  }
}
