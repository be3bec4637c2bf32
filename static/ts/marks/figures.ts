import { send } from "../lib/api";
import { word } from "../lib/words";
import { AREAS, type Mark } from "./model";

const MOST_KEPT = 200;

/** What the server counted in a shape from the stored pixels: nothing here looks at the screen's. */
export class Figures {
  readonly #url: string;
  readonly #told = new Map<string, string>();
  readonly #changed: () => void;

  constructor(url: string, changed: () => void) {
    this.#url = url;
    this.#changed = changed;
  }

  /** In words, where it is known. */
  of(mark: Mark): string {
    return this.#told.get(keyOf(mark)) ?? "";
  }

  /** Ask once for each shape. */
  async ask(mark: Mark): Promise<void> {
    const key = keyOf(mark);
    if (!AREAS.includes(mark.tool) || this.#told.has(key)) {
      return;
    }
    this.#remember(key, "");
    const { image_id, frame, tool, points } = mark;
    const answer = await send(this.#url, { body: { image_id, frame, tool, points } });
    if (answer.kind === "done") {
      this.#remember(key, said(answer.data));
      this.#changed();
    } else if (answer.kind === "unreachable") {
      this.#told.delete(key);
    }
  }

  #remember(key: string, text: string): void {
    this.#told.set(key, text);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST_KEPT && oldest !== undefined) {
      this.#told.delete(oldest);
    }
  }
}

function keyOf({ image_id, frame, tool, points }: Mark): string {
  return JSON.stringify([image_id, frame, tool, points]);
}

function said(told: Record<string, unknown>): string {
  const mean = Number(told.mean).toFixed(1);
  const area = told.area_mm2;
  const isGreen = told.channel === "green";
  const value = isGreen
    ? word("marksGreen", { mean })
    : word("marksMean", { mean, unit: String(told.unit) }).trim();
  const size =
    typeof area === "number"
      ? `${area.toFixed(1)} mm²`
      : word("marksPixels", { n: String(told.area_pixels) });
  return `${value} · ${size}`;
}
