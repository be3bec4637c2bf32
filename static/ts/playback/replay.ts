import { send } from "../lib/api";
import { Latest } from "../lib/latest";
import type { Told } from "../rooms/line";
import { Board } from "../rooms/together/board";
import { isOn } from "../rooms/together/model";
import { Surface } from "../rooms/together/surface";
import { Walk, type Word } from "./walk";

const NOBODY = "";

/** A file of what was looked at: by its id, and where it begins. */
interface Shown {
  id: string;
  starts_ms: number;
}

/** The picture that everybody looked at, with hands and lines, in step with the voices. */
export class Replay {
  readonly #root: HTMLElement;
  readonly #walk: Walk;
  readonly #names: Record<string, [string, string]>;
  readonly #surface: Surface;
  readonly #board = new Board(NOBODY, (person) => this.#named(person));
  readonly #following = new Latest(() => this.#follow());

  /** Once everything that was said of the pictures is there; nothing where it does not come. */
  static async on(root: HTMLElement): Promise<Replay | undefined> {
    const tracks = JSON.parse(root.dataset.tracks ?? "[]") as Shown[];
    const words: Word[] = [];
    for (const { id, starts_ms } of tracks) {
      const answer = await send(`${root.dataset.url}/${id}/shown`, { method: "GET" });
      if (answer.kind !== "done") {
        return undefined;
      }
      const said = answer.data.said as [number, Told][];
      words.push(...said.map(([after, each]) => ({ atMs: starts_ms + after, said: each })));
    }
    return new Replay(root, words);
  }

  constructor(root: HTMLElement, words: readonly Word[]) {
    this.#root = root;
    this.#walk = new Walk(words);
    this.#names = JSON.parse(root.dataset.people ?? "{}") as Record<string, [string, string]>;
    this.#surface = new Surface(root, {
      placed: (view, frame, picture) => {
        this.#board.lay(view, frame, picture);
        this.#draw();
      },
      moved: () => this.#board.lie(),
      resized: () => this.#relay(),
    });
  }

  /** Have it stand as it stood at this moment. */
  at(ms: number): void {
    const change = this.#walk.go(ms);
    if (change.view) {
      this.#say();
      void this.#following.again();
    }
    if (change.marks) {
      this.#draw();
    }
  }

  close(): void {
    void this.#surface.close();
  }

  #say(): void {
    const { presenter, view } = this.#walk.talk.showing;
    const isKnown = view !== null && this.#surface.has(view.image);
    this.#part("shown", presenter !== "" && view !== null);
    this.#part("cell", isKnown);
    this.#part("unknown", view !== null && !isKnown);
    for (const each of this.#root.querySelectorAll("[data-part=presenter]")) {
      each.textContent = this.#named(presenter);
    }
  }

  #part(name: string, isShown: boolean): void {
    const each =
      name === "shown" ? this.#root : this.#root.querySelector<HTMLElement>(`[data-part=${name}]`);
    if (each !== null) {
      each.hidden = !isShown;
    }
  }

  async #follow(): Promise<void> {
    const { view } = this.#walk.talk.showing;
    if (view !== null && this.#surface.has(view.image)) {
      await this.#surface.apply(view);
      this.#draw();
    }
  }

  /** The frame has another size: the same part of the picture stands in it. */
  #relay(): void {
    const { view } = this.#walk.talk.showing;
    if (view !== null && this.#surface.stands(view)) {
      this.#surface.lay(view);
    }
  }

  #draw(): void {
    const { showing, strokes, hands } = this.#walk.talk;
    this.#board.draw([...strokes.values()].filter((each) => isOn(showing.view, each)));
    this.#board.point([...hands.values()].filter((each) => isOn(showing.view, each)));
  }

  #named(person: string): string {
    const [name, nameEn] = this.#names[person] ?? ["", ""];
    return (document.documentElement.lang === "en" && nameEn) || name;
  }
}
