import { changeIcon } from "../icons";
import { word } from "../words";
import type { FileVerdict, Glance, UploadResult } from "./row";

interface Look {
  look: string;
  icon: string;
  word: string;
}

const LOOKS: Record<FileVerdict["verdict"], Look> = {
  accepted: { look: "file-ok", icon: "ok", word: "fileAccepted" },
  "accepted-retake": { look: "file-warn", icon: "alert", word: "fileAccepted" },
  "accepted-without-picture": { look: "file-warn", icon: "half", word: "fileNoPicture" },
  question: { look: "file-warn", icon: "help", word: "fileQuestion" },
  conflict: { look: "file-bad", icon: "alert", word: "fileConflict" },
  rejected: { look: "file-bad", icon: "x", word: "fileRejected" },
};
const REFUSED: Look = { look: "file-bad", icon: "x", word: "fileRejected" };
const ORDER: FileVerdict["verdict"][] = [
  "rejected",
  "conflict",
  "question",
  "accepted-without-picture",
  "accepted-retake",
];

/** One file's line on the page: its name, its progress in words, the server's verdict. */
export class UploadLine {
  readonly element: HTMLElement;
  #judged = false;

  constructor(template: HTMLTemplateElement, name: string) {
    const copy = template.content.firstElementChild?.cloneNode(true);
    this.element = copy instanceof HTMLElement ? copy : document.createElement("li");
    this.#text("name", name);
    this.#text("state", word("fileWaiting"));
  }

  progress(sent: number, size: number): void {
    const percent = size === 0 ? 100 : Math.floor((sent / size) * 100);
    const bar = this.element.querySelector("progress");
    if (bar !== null) {
      bar.value = percent;
    }
    this.#text("state", word("fileSending", { percent }));
  }

  /** What a first look says stands until the photograph itself has been judged. */
  looked(glance: Glance): void {
    if (this.#judged) {
      return;
    }
    this.element.classList.toggle("file-warn", glance.verdict !== "fundus");
    this.#lines([glance.sentence]);
  }

  ingesting(): void {
    this.element.querySelector("progress")?.remove();
    this.#text("state", word("fileChecking"));
  }

  result(result: UploadResult): void {
    this.#judged = true;
    const worst = ORDER.map((verdict) =>
      result.files.find((file) => file.verdict === verdict),
    ).find((file) => file !== undefined);
    const look = result.status === "refused" ? REFUSED : LOOKS[worst?.verdict ?? "accepted"];
    this.element.querySelector("progress")?.remove();
    this.element.classList.remove("file-warn");
    this.element.classList.add(look.look);
    changeIcon(this.element.querySelector("svg"), look.icon);
    this.#text("state", word(look.word));
    this.#say(result);
  }

  /** An archive holds many files: each one that is not simply accepted is named. */
  #say(result: UploadResult): void {
    const odd = result.files.filter(({ verdict, sentence }) => verdict !== "accepted" && sentence);
    const named = (file: FileVerdict) =>
      result.files.length > 1 ? `${file.name}：${file.sentence}` : file.sentence;
    const sentences = [result.sentence, ...odd.map(named)].filter((text) => text !== "");
    this.#lines([...new Set(sentences)]);
  }

  #lines(sentences: string[]): void {
    const place = this.element.querySelector("[data-part=say]");
    place?.replaceChildren(
      ...sentences.map((sentence) => {
        const line = document.createElement("p");
        line.textContent = sentence;
        return line;
      }),
    );
  }

  #text(part: string, text: string): void {
    const place = this.element.querySelector(`[data-part=${part}]`);
    if (place !== null) {
      place.textContent = text;
    }
  }
}
