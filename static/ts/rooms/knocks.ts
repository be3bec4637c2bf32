import { send } from "../lib/api";
import { nameOf, type RoomFacts } from "./facts";
import { playKnock } from "./sounds";

/** Who stands at the door, for the host: let in one by one, or sent away. */
export class Knocks {
  readonly #place: HTMLElement;
  readonly #template: HTMLTemplateElement;
  readonly #url: string;

  constructor(place: HTMLElement, template: HTMLTemplateElement, url: string) {
    this.#place = place;
    this.#template = template;
    this.#url = url;
  }

  /** Draw who waits now; whoever is new is heard. */
  show(facts: RoomFacts | undefined): void {
    const waiting = (facts?.knocks ?? []).filter(({ state }) => state === "waiting");
    const persons = waiting.map(({ person_id }) => person_id);
    for (const row of this.#rows()) {
      if (!persons.includes(row.dataset.person ?? "")) {
        row.remove();
      }
    }
    const known = this.#rows().map(({ dataset }) => dataset.person);
    const fresh = persons.filter((person) => !known.includes(person));
    for (const person of fresh) {
      this.#add(person, facts);
    }
    if (fresh.length > 0) {
      playKnock();
    }
    this.#place.hidden = persons.length === 0;
  }

  #rows(): HTMLElement[] {
    return [...this.#place.querySelectorAll<HTMLElement>("[data-person]")];
  }

  #add(person: string, facts: RoomFacts | undefined): void {
    const row = this.#template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    const { name, place } = nameOf(facts, person);
    row.dataset.person = person;
    const said: Record<string, string> = { name, place };
    for (const each of row.querySelectorAll<HTMLElement>("[data-part]")) {
      each.textContent = said[each.dataset.part ?? ""] ?? "";
    }
    for (const each of row.querySelectorAll<HTMLElement>("[data-identity]")) {
      each.hidden = each.dataset.identity !== facts?.people[person]?.identity;
    }
    for (const button of row.querySelectorAll<HTMLButtonElement>("button")) {
      button.addEventListener("click", () => void this.#answer(row, button));
    }
    this.#place.append(row);
  }

  async #answer(row: HTMLElement, button: HTMLButtonElement): Promise<void> {
    const buttons = row.querySelectorAll("button");
    for (const each of buttons) {
      each.disabled = true;
    }
    const admitted = button.dataset.admits !== undefined;
    const body = { person_id: row.dataset.person, admitted };
    const answer = await send(`${this.#url}/answer`, { body });
    if (answer.kind === "done") {
      row.remove();
      this.#place.hidden = this.#rows().length === 0;
    }
    for (const each of buttons) {
      each.disabled = false;
    }
  }
}
