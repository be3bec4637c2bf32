import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";
import { word } from "../lib/words";

const LOOKS_MS = 15_000;

interface LinkFacts {
  id: string;
  for_whom: string;
  expires_at: string;
  is_used: boolean;
  is_revoked: boolean;
}

/** Makes a link into the call: for a guest, or for one's own telephone; the address is shown once. */
export class InviteController extends Controller<HTMLElement> {
  static override values = { url: String };
  static override targets = [
    "whom",
    "made",
    "code",
    "address",
    "until",
    "copy",
    "problem",
    "list",
    "line",
    "page",
  ];
  declare urlValue: string;
  declare readonly whomTarget: HTMLSelectElement;
  declare readonly madeTarget: HTMLElement;
  declare readonly codeTarget: SVGElement;
  declare readonly addressTarget: HTMLElement;
  declare readonly untilTarget: HTMLElement;
  declare readonly copyTarget: HTMLElement;
  declare readonly problemTarget: HTMLElement;
  declare readonly listTarget: HTMLElement;
  declare readonly hasListTarget: boolean;
  declare readonly lineTarget: HTMLTemplateElement;
  declare readonly pageTarget: HTMLAnchorElement;
  declare readonly hasPageTarget: boolean;
  #listening = new AbortController();
  #timer = 0;

  override connect(): void {
    if (!this.hasListTarget) {
      return;
    }
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    this.element.addEventListener("toggle", () => void this.#look(), { signal });
    listen(signal, {
      entry: ({ kind }) => {
        if (kind.startsWith("room.link_") || kind.startsWith("session_link.")) {
          void this.#look();
        }
      },
    });
    this.#timer = window.setInterval(() => void this.#look(), LOOKS_MS);
  }

  override disconnect(): void {
    this.#listening.abort();
    window.clearInterval(this.#timer);
  }

  /** A link for whoever is chosen. */
  make(): void {
    void this.#make("links", { for_whom: this.whomTarget.value });
  }

  /** A link for one's own telephone, each time the menu is opened. */
  camera(): void {
    if (!(this.element as HTMLDetailsElement).open) {
      void this.#make("companion", {});
    }
  }

  async #make(what: string, body: Record<string, string>): Promise<void> {
    const answer = await send(`${this.urlValue}/${what}`, { body });
    this.problemTarget.hidden = answer.kind === "done";
    if (answer.kind !== "done") {
      this.problemTarget.textContent =
        answer.kind === "problem" ? answer.problem.detail : word("network");
      this.madeTarget.hidden = true;
      return;
    }
    const { address, qr_size, qr_path } = answer.data as Record<string, string>;
    const { expires_at } = answer.data.link as LinkFacts;
    this.codeTarget.setAttribute("viewBox", `0 0 ${qr_size} ${qr_size}`);
    this.codeTarget.querySelector("path")?.setAttribute("d", qr_path ?? "");
    this.addressTarget.textContent = address ?? "";
    this.copyTarget.dataset.copyTextValue = address ?? "";
    if (this.hasPageTarget) {
      this.pageTarget.href = address ?? "";
    }
    this.untilTarget.textContent = new Date(expires_at).toLocaleTimeString(
      document.documentElement.lang,
      { hour: "2-digit", minute: "2-digit" },
    );
    this.madeTarget.hidden = false;
    await this.#look();
  }

  async #look(): Promise<void> {
    if (!this.hasListTarget || !(this.element as HTMLDetailsElement).open) {
      return;
    }
    const answer = await send(`${this.urlValue}/links`, { method: "GET" });
    if (answer.kind === "done") {
      const links = (answer.data.links as LinkFacts[]).filter((each) => !each.is_revoked);
      this.listTarget.replaceChildren(...links.map((each) => this.#row(each)));
    }
  }

  #row(link: LinkFacts): HTMLElement {
    const row = this.lineTarget.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const isOld = Date.parse(link.expires_at) < Date.now();
    const state = link.is_used ? "used" : isOld ? "old" : "fresh";
    for (const each of row.querySelectorAll<HTMLElement>("[data-for]")) {
      each.hidden = each.dataset.for !== link.for_whom;
    }
    for (const each of row.querySelectorAll<HTMLElement>("[data-state]")) {
      each.hidden = each.dataset.state !== state;
    }
    row.querySelector("button")?.addEventListener("click", () => void this.#revoke(link.id, row));
    return row;
  }

  async #revoke(link_id: string, row: HTMLElement): Promise<void> {
    const answer = await send(`${this.urlValue}/links/revoke`, { body: { link_id } });
    if (answer.kind === "done") {
      row.remove();
    }
  }
}
