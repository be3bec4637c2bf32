import { word } from "../../lib/words";
import type { Place } from "../../marks/model";
import { type Kept, keepMarks, marksOf } from "./keep";
import type { Surface } from "./surface";
import type { Talk } from "./talk";

interface Around {
  me: string;
  say(message: Record<string, unknown>): void;
  named(person: string): string;
}

/** What this person draws on the picture, takes away again, and keeps as marks of her own. */
export class Lines {
  readonly #talk: Talk;
  readonly #around: Around;
  readonly #surface: Surface;
  readonly #url: string;
  readonly #kept = new Set<string>();

  constructor(talk: Talk, surface: Surface, url: string, around: Around) {
    this.#talk = talk;
    this.#surface = surface;
    this.#url = url;
    this.#around = around;
  }

  /** A line begins, or goes on by these points. */
  draw(name: string, points: Place[]): void {
    const { view } = this.#talk.showing;
    if (view !== null) {
      const { image, frame } = view;
      const colour = this.#own.at(-1)?.colour ?? 0;
      this.#talk.draw({ stroke: name, by: this.#around.me, colour, image, frame, points });
      this.#around.say({ say: "stroke", stroke: name, image, frame, points });
    }
  }

  /** One's own last line goes. */
  undo(): void {
    const last = this.#own.at(-1);
    if (last !== undefined) {
      this.#around.say({ say: "erase", stroke: last.stroke });
    }
  }

  /** All lines of everybody go. */
  wipe(): void {
    this.#around.say({ say: "erase" });
  }

  /** The lines that stand there become marks on the reader's sheet, each of them once. */
  async keep(): Promise<Kept> {
    const { me, named } = this.#around;
    const strokes = [...this.#talk.strokes.values()].filter((each) => !this.#kept.has(each.stroke));
    const labelOf = (by: string) => (by === me ? "" : word("togetherBy", { name: named(by) }));
    const marks = marksOf(strokes, (image) => this.#surface.pictureOf(image), labelOf);
    const how = await keepMarks(this.#url, marks);
    if (how === "kept") {
      for (const { stroke } of strokes) {
        this.#kept.add(stroke);
      }
    }
    return how;
  }

  get #own() {
    return [...this.#talk.strokes.values()].filter(({ by }) => by === this.#around.me);
  }
}
