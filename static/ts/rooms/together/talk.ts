import type { Told } from "../line";
import { type Hand, NOTHING, type Showing, type Stroke, type View } from "./model";

/** What the room says is looked at, kept as it says it; nothing of it is this page's own idea. */
export class Talk {
  showing: Showing = NOTHING;
  readonly strokes = new Map<string, Stroke>();
  readonly hands = new Map<string, Hand>();
  /** Of the lines that this page drew itself: how many of their points the room has told back. */
  readonly #taken = new Map<string, number>();
  /** whether the room has told this person what is looked at */
  mayLook = true;

  /** Take a message; says what of it has to be drawn anew. */
  take(message: Told): "all" | "view" | "strokes" | "hands" | "" {
    switch (message.told) {
      case "welcome":
      case "showing":
        return this.#begin(message.showing as Showing | null);
      case "view":
        return this.#view(message.view as View);
      case "point":
        this.hands.set(String(message.by), message as unknown as Hand);
        return "hands";
      case "stroke":
        this.#told(message as unknown as Stroke);
        return "strokes";
      case "erased":
        for (const each of message.strokes as string[]) {
          this.strokes.delete(each);
          this.#taken.delete(each);
        }
        return "strokes";
      default:
        return "";
    }
  }

  /** Somebody's line begins, or goes on. */
  #extend(piece: Stroke): void {
    const known = this.strokes.get(piece.stroke);
    if (known === undefined) {
      this.strokes.set(piece.stroke, { ...piece, points: [...piece.points] });
    } else {
      known.points.push(...piece.points);
    }
  }

  /** One's own stands there before the room has said so. */
  draw(piece: Stroke): void {
    this.#extend(piece);
    this.#taken.set(piece.stroke, this.#taken.get(piece.stroke) ?? 0);
  }

  /** The room took no more of what was drawn: what it does not have stands here no longer. */
  dropRefused(): void {
    for (const [name, taken] of this.#taken) {
      const known = this.strokes.get(name);
      if (taken === 0) {
        this.strokes.delete(name);
      } else if (known !== undefined) {
        known.points.length = Math.min(known.points.length, taken);
      }
    }
  }

  end(): void {
    this.#begin(NOTHING);
  }

  #told(piece: Stroke): void {
    const taken = this.#taken.get(piece.stroke);
    const known = this.strokes.get(piece.stroke);
    if (taken === undefined || known === undefined) {
      this.#extend(piece);
      return;
    }
    const now = taken + piece.points.length;
    this.#taken.set(piece.stroke, now);
    known.colour = piece.colour;
    if (known.points.length < now) {
      known.points.push(...piece.points);
    }
  }

  #begin(showing: Showing | null): "all" {
    this.mayLook = showing !== null;
    this.showing = showing ?? NOTHING;
    this.hands.clear();
    this.strokes.clear();
    this.#taken.clear();
    for (const each of this.showing.strokes) {
      this.strokes.set(each.stroke, { ...each, points: [...each.points] });
    }
    return "all";
  }

  #view(view: View): "view" {
    this.showing = { ...this.showing, view };
    return "view";
  }
}
