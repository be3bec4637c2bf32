import { Controller } from "@hotwired/stimulus";
import { type Answer, send } from "../lib/api";
import { listen } from "../lib/events";
import { word } from "../lib/words";
import { Asking } from "../rooms/asking";
import { leadsOf, looksOf, ownOf, type Turn, type TurnLook } from "../rooms/turns";

const ASKS_MS = 3000;
const HEARD = /^room\.(hand_|word_|joined$|left$|host_changed$)/;

/** The speaker list of a call: asked for while it lasts, for a guest hears no news of a case. */
export class TurnsController extends Controller<HTMLElement> {
  static override values = { url: String, case: String };
  static override targets = ["order", "list", "row", "problem"];
  declare urlValue: string;
  declare caseValue: string;
  declare readonly orderTarget: HTMLElement;
  declare readonly listTarget: HTMLElement;
  declare readonly rowTarget: HTMLTemplateElement;
  declare readonly problemTarget: HTMLElement;
  #listening = new AbortController();
  readonly #asking = new Asking(() => this.#look(), ASKS_MS);
  #drawn = "";

  override connect(): void {
    this.#listening = new AbortController();
    listen(this.#listening.signal, {
      entry: ({ kind, case_id }) => {
        if (HEARD.test(kind) && case_id === this.caseValue) {
          void this.#asking.now();
        }
      },
      reset: () => void this.#asking.now(),
    });
    this.#asking.begin();
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#asking.end();
  }

  raise(): void {
    void this.#send("/hand", { raised: true });
  }

  lower(): void {
    void this.#send("/hand", { raised: false });
  }

  async #send(path: string, body: unknown): Promise<void> {
    const answer = await send(`${this.urlValue}${path}`, { body });
    this.problemTarget.hidden = answer.kind === "done";
    if (answer.kind !== "done") {
      this.problemTarget.textContent =
        answer.kind === "problem" ? answer.problem.detail : word("network");
    }
    await this.#asking.now();
  }

  async #look(): Promise<void> {
    if (this.element.closest<HTMLElement>(".call")?.dataset.now === "call") {
      this.#show(await send(`${this.urlValue}/turns`, { method: "GET" }));
    }
  }

  /** Drawn anew only where something has changed, so that no button goes from under a finger. */
  #show(answer: Answer): void {
    const told = answer.kind === "done" ? JSON.stringify(answer.data) : this.#drawn;
    if (answer.kind !== "done" || told === this.#drawn) {
      return;
    }
    this.#drawn = told;
    const turns = answer.data.turns as Turn[];
    const looks = looksOf(turns, document.documentElement.lang === "en");
    this.orderTarget.hidden = turns.length === 0;
    const leads = answer.data.may_lead === true;
    this.listTarget.replaceChildren(...looks.map((each) => this.#row(each, leads)));
    const own = ownOf(turns);
    this.#pick("turn", own);
    this.#pick("raised", own === "next" ? "waiting" : own);
  }

  #row(look: TurnLook, leads: boolean): HTMLElement {
    const row = this.rowTarget.content.firstElementChild?.cloneNode(true) as HTMLElement;
    row.dataset.person = look.person;
    const said: Record<string, string> = {
      name: look.name,
      place: look.place,
      number: String(look.number),
    };
    for (const each of row.querySelectorAll<HTMLElement>("[data-part]")) {
      const part = each.dataset.part ?? "";
      each.hidden = part === "away" && !look.isAway;
      each.textContent = said[part] || each.textContent;
    }
    for (const each of row.querySelectorAll<HTMLElement>("[data-state]")) {
      each.hidden = each.dataset.state !== look.state;
    }
    for (const each of row.querySelectorAll<HTMLButtonElement>("[data-lead]")) {
      const step = each.dataset.lead ?? "";
      each.hidden = !leads || !leadsOf(look.state).includes(step);
      const body = { person_id: look.person, given: step === "give" };
      each.addEventListener("click", () => void this.#send("/turns", body));
    }
    return row;
  }

  #pick(name: string, code: string): void {
    for (const each of this.element.querySelectorAll<HTMLElement>(`[data-${name}]`)) {
      each.hidden = each.dataset[name] !== code;
    }
  }
}
