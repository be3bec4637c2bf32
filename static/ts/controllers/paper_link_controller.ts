import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";
import { word } from "../lib/words";

const OVER = ["paper.link_used", "paper.link_ended"];

/** A code for one telephone and one case: shown once, until it is scanned, taken back or over. */
export class PaperLinkController extends Controller<HTMLElement> {
  static override values = { url: String, case: String };
  static override targets = ["sheet", "problem"];
  declare urlValue: string;
  declare caseValue: string;
  declare readonly sheetTarget: HTMLTemplateElement;
  declare readonly problemTarget: HTMLElement;
  #listening = new AbortController();
  #timer = 0;

  override connect(): void {
    this.#listening = new AbortController();
    listen(this.#listening.signal, {
      entry: ({ kind, case_id }) => {
        if (case_id === this.caseValue && OVER.includes(kind)) {
          this.#clear();
        }
      },
    });
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#clear();
  }

  async make(): Promise<void> {
    this.#clear();
    const answer = await send(this.urlValue, { body: {} });
    this.problemTarget.hidden = answer.kind === "done";
    if (answer.kind !== "done") {
      this.problemTarget.textContent =
        answer.kind === "problem" ? answer.problem.detail : word("network");
      return;
    }
    const { address, qr_size, qr_path, seconds } = answer.data;
    const sheet = this.sheetTarget.content.firstElementChild?.cloneNode(true) as HTMLElement;
    sheet.dataset.own = "";
    sheet.querySelector("svg")?.setAttribute("viewBox", `0 0 ${qr_size} ${qr_size}`);
    sheet.querySelector("path")?.setAttribute("d", String(qr_path));
    const text = sheet.querySelector(".call-address");
    if (text !== null) {
      text.textContent = String(address);
    }
    this.element.append(sheet);
    this.#timer = window.setTimeout(() => this.#clear(), Number(seconds) * 1000);
  }

  #clear(): void {
    window.clearTimeout(this.#timer);
    this.element.querySelector(".paper-qr[data-own]")?.remove();
  }
}
