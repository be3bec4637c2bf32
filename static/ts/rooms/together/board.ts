import { Layer, type Shown } from "../../marks/layer";
import type { Mark, Picture, Place, Tool } from "../../marks/model";
import { colourOf, type Hand, type Stroke } from "./model";

/** Lines and hands over the picture, in its own pixels, each with its author's name. */
export class Board {
  readonly #named: (person: string) => string;
  readonly #me: string;
  #lines: Layer | undefined;
  #hands: Layer | undefined;

  constructor(me: string, named: (person: string) => string) {
    this.#me = me;
    this.#named = named;
  }

  /** Over this picture from now on. */
  lay(view: HTMLElement, frame: HTMLElement, picture: Picture): void {
    if (this.#lines?.frame !== frame) {
      this.#lines = new Layer(view, frame);
      this.#hands = new Layer(view, frame);
    }
    for (const layer of [this.#lines, this.#hands]) {
      if (layer !== undefined) {
        layer.picture = picture;
        layer.lie();
      }
    }
  }

  lie(): void {
    this.#lines?.soon();
    this.#hands?.soon();
  }

  draw(strokes: Stroke[]): void {
    this.#lines?.show(strokes.map((each) => this.#shown(each, each.stroke, "freehand")));
  }

  point(hands: Hand[]): void {
    this.#hands?.show(
      hands.flatMap((hand) =>
        hand.at === null
          ? []
          : [this.#shown({ ...hand, points: [hand.at] }, `hand ${hand.by}`, "point")],
      ),
    );
  }

  /** The picture's place under a pointer. */
  placeOf(event: MouseEvent): Place | undefined {
    return this.#lines?.picture === undefined ? undefined : this.#lines.placeOf(event);
  }

  #shown(of: Omit<Stroke, "stroke">, id: string, tool: Tool): Shown {
    const isMine = of.by === this.#me;
    const text = isMine ? "" : this.#named(of.by);
    return {
      mark: markOf(of, { id, tool, label: text }),
      colour: colourOf(of.colour),
      text,
      isMine,
      isSelected: false,
    };
  }
}

export function markOf(
  { image, frame, points }: Pick<Stroke, "image" | "frame" | "points">,
  { id, tool, label }: Pick<Mark, "id" | "tool" | "label">,
): Mark {
  return { id, tool, image_id: image, frame, points, label, lesion: null, eye: null };
}
