import { nameOf, type RoomFacts, type Rung } from "./facts";

/** Which of the sentences of a person in the round is said. */
export function sentenceOf({ state, is_heard }: Rung): string {
  return state === "ringing" && is_heard ? "heard" : state;
}

/** Whom the call rings, for whoever called; the sentences are the server's. */
export class Ringing {
  readonly #place: HTMLElement;
  readonly #list: HTMLElement;
  readonly #over: HTMLElement;
  readonly #template: HTMLTemplateElement;

  constructor(place: HTMLElement) {
    const one = <T extends HTMLElement>(selector: string) => {
      const found = place.querySelector<T>(selector);
      if (found === null) {
        throw new Error(`the list of who is rung has ${selector}`);
      }
      return found;
    };
    this.#place = place;
    this.#list = one("[data-rings]");
    this.#over = one("[data-ring-over]");
    this.#template = one<HTMLTemplateElement>("template[data-ring]");
  }

  /** Draw the round as it stands; nothing of it once somebody has answered, or on other pages. */
  show(facts: RoomFacts | undefined): void {
    const ring = facts?.ring ?? null;
    const isShown = ring !== null && (ring.outcome === "ringing" || ring.outcome === "nobody");
    this.#place.hidden = !isShown;
    this.#over.hidden = ring?.outcome !== "nobody";
    const rows = (ring?.people ?? []).map((each) => this.#row(each, facts));
    this.#list.replaceChildren(...rows);
  }

  #row(rung: Rung, facts: RoomFacts | undefined): HTMLElement {
    const row = this.#template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const { name, place } = nameOf(facts, rung.person_id);
    const said: Record<string, string> = { name, place };
    for (const each of row.querySelectorAll<HTMLElement>("[data-part]")) {
      each.textContent = said[each.dataset.part ?? ""] ?? "";
    }
    for (const each of row.querySelectorAll<HTMLElement>("[data-ring-state]")) {
      each.hidden = each.dataset.ringState !== sentenceOf(rung);
    }
    row.dataset.state = rung.state;
    return row;
  }
}
