import { Controller } from "@hotwired/stimulus";
import { noticePlace, showSentence } from "../lib/problems";
import { droppedFiles, withoutLitter } from "../lib/uploads/folders";
import { UploadLine } from "../lib/uploads/line";
import type { News } from "../lib/uploads/row";
import { uploadQueue } from "../lib/uploads/session";
import { word } from "../lib/words";

/** Takes files for the patient of the page, and shows each one's way and the server's verdict. */
export class UploadsController extends Controller<HTMLElement> {
  static override targets = ["drop", "input", "list", "row"];
  static override values = { case: String };
  declare readonly dropTarget: HTMLElement;
  declare readonly inputTargets: HTMLInputElement[];
  declare readonly listTarget: HTMLElement;
  declare readonly rowTarget: HTMLTemplateElement;
  declare caseValue: string;
  readonly #lines = new Map<string, UploadLine>();
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    for (const input of this.inputTargets) {
      input.addEventListener("change", () => void this.#chosen(input), { signal });
    }
    this.dropTarget.addEventListener("dragover", this.#over, { signal });
    this.dropTarget.addEventListener("dragleave", this.#out, { signal });
    this.dropTarget.addEventListener("drop", (event) => void this.#dropped(event), { signal });
    uploadQueue()?.listen(signal, (news) => this.#hear(news));
    void this.#resume();
  }

  override disconnect(): void {
    this.#listening.abort();
  }

  /** Files that were taken before this was drawn and have not arrived yet, as they were told of. */
  async #resume(): Promise<void> {
    const rows = (await uploadQueue()?.list()) ?? [];
    for (const row of rows.filter(({ case_id }) => case_id === this.caseValue)) {
      const line = this.#line(row.id, row.name);
      const glance = uploadQueue()?.lookAt(row.id);
      if (glance !== undefined) {
        line.looked(glance);
      }
    }
  }

  #over = (event: DragEvent): void => {
    event.preventDefault();
    this.dropTarget.classList.add("is-over");
  };

  #out = (): void => this.dropTarget.classList.remove("is-over");

  async #dropped(event: DragEvent): Promise<void> {
    event.preventDefault();
    this.#out();
    if (event.dataTransfer !== null) {
      await this.#add(await droppedFiles(event.dataTransfer));
    }
  }

  async #chosen(input: HTMLInputElement): Promise<void> {
    const files = withoutLitter([...(input.files ?? [])]);
    input.value = "";
    await this.#add(files);
  }

  async #add(files: File[]): Promise<void> {
    if (files.length === 0) {
      return;
    }
    try {
      const rows = (await uploadQueue()?.add(this.caseValue, files)) ?? [];
      for (const row of rows) {
        this.#line(row.id, row.name);
      }
    } catch {
      showSentence(noticePlace(this.element), word("browserFull"));
    }
  }

  #line(id: string, name: string): UploadLine {
    const known = this.#lines.get(id);
    if (known !== undefined) {
      return known;
    }
    const line = new UploadLine(this.rowTarget, name);
    this.#lines.set(id, line);
    this.listTarget.append(line.element);
    return line;
  }

  #hear(news: News): void {
    const line = "id" in news ? this.#lines.get(news.id) : undefined;
    if (news.say === "progress") {
      line?.progress(news.sent, news.size);
    } else if (news.say === "looked") {
      line?.looked(news.glance);
    } else if (news.say === "ingesting") {
      line?.ingesting();
    } else if (news.say === "result" && line !== undefined) {
      line.result(news.result);
      this.dispatch("result", { detail: news.result });
    }
  }
}
