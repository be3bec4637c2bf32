import type { Member } from "../roster";
import type { Stage } from "../stage";
import type { Talk } from "./talk";

interface Around {
  me: string;
  named(person: string): string;
}

/** Who shows, who may, and what this person may press. */
export class Seat {
  readonly #root: HTMLElement;
  readonly #stage: Stage;
  readonly #around: Around;
  readonly #others: HTMLSelectElement;
  #people: Member[] = [];

  constructor(root: HTMLElement, stage: Stage, around: Around) {
    this.#root = root;
    this.#stage = stage;
    this.#around = around;
    this.#others = stage.one<HTMLSelectElement>("[data-part=others]");
  }

  /** To whom the picture shall be handed over. */
  get chosen(): string {
    return this.#others.value;
  }

  know(people: Member[]): void {
    this.#people = people;
  }

  /** Whether it is somebody else in the room. */
  isOther(person: string): boolean {
    return person !== this.#around.me && this.#has(person);
  }

  #has(person: string): boolean {
    return this.#people.some((each) => each.person === person);
  }

  say(code: string): void {
    this.#stage.say("looked", code);
  }

  show(talk: Talk, isDrawing: boolean): void {
    const { presenter, view } = talk.showing;
    const isOwn = presenter === this.#around.me;
    const whose = presenter === "" ? "" : isOwn ? "own" : "other";
    this.#root.hidden = presenter === "";
    this.#root.dataset.whose = whose;
    this.#stage.one("[data-phase=call]").toggleAttribute("data-looking", presenter !== "");
    this.#stage.say("presents", whose);
    this.#stage.fill("presenter", isOwn ? "" : this.#around.named(presenter));
    const mayShow = this.#root.dataset.sight === "show" && talk.mayLook;
    this.#stage.show("[data-together-open]", mayShow && whose === "" && this.#has(this.#around.me));
    this.#allow(mayShow, isOwn, presenter);
    this.#only("draw", mayShow && view !== null);
    this.#root.querySelector("[data-act=draw]")?.setAttribute("aria-pressed", String(isDrawing));
    this.#lines(talk, mayShow, isOwn);
    this.#list(isOwn);
    for (const film of this.#root.querySelectorAll(".look-films .film")) {
      film.setAttribute("aria-disabled", String(!isOwn));
    }
  }

  get #isHost(): boolean {
    const { me } = this.#around;
    return this.#people.some(({ person, role }) => person === me && role === "host");
  }

  /** As the room allows it: by who shows, by the host, and by anybody where nobody shows. */
  #allow(mayShow: boolean, isOwn: boolean, presenter: string): void {
    const isFree = presenter === "" || !this.#has(presenter);
    this.#only("take", mayShow && !isOwn && (isFree || this.#isHost));
    this.#only("stop", mayShow && (isOwn || this.#isHost));
  }

  #lines({ strokes }: Talk, mayShow: boolean, isOwn: boolean): void {
    const hasOwn = [...strokes.values()].some(({ by }) => by === this.#around.me);
    this.#only("undo", mayShow && hasOwn);
    this.#only("wipe", mayShow && strokes.size > 0 && (isOwn || this.#isHost));
    this.#only("keep", strokes.size > 0 && this.#root.dataset.keeps === "true");
  }

  #only(act: string, isThere: boolean): void {
    this.#stage.show(`[data-act="${act}"]`, isThere);
  }

  /** The others by name, as long as there is somebody to hand over to. */
  #list(isOwn: boolean): void {
    const persons = [...new Set(this.#people.map(({ person }) => person))];
    const others = persons.filter((each) => each !== this.#around.me);
    const wanted = others.map((person) => `${person} ${this.#around.named(person)}`).join("|");
    this.#stage.show("[data-part=give]", isOwn && others.length > 0);
    if (this.#others.dataset.listed === wanted) {
      return;
    }
    this.#others.dataset.listed = wanted;
    const before = this.#others.value;
    this.#others.replaceChildren(
      ...others.map((person) => new Option(this.#around.named(person), person)),
    );
    if (others.includes(before)) {
      this.#others.value = before;
    }
  }
}
