import type { Drawing, Mark } from "./model";

const MOST_STEPS = 200;

/** What stands on the reader's own sheet now, and every step back and forth. */
export class MarkStore {
  #now: Drawing;
  #past: Drawing[] = [];
  #future: Drawing[] = [];
  readonly #changed: () => void;

  constructor(drawing: Drawing, changed: () => void) {
    this.#now = drawing;
    this.#changed = changed;
  }

  get drawing(): Drawing {
    return this.#now;
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  find(id: string): Mark | undefined {
    return this.#now.marks.find((mark) => mark.id === id);
  }

  /** One step: what was there before can be had back. */
  step(change: Partial<Drawing>): void {
    this.#past = [...this.#past, this.#now].slice(-MOST_STEPS);
    this.#future = [];
    this.#now = { ...this.#now, ...change };
    this.#changed();
  }

  /** Add a mark, or put it in the place of the one of its name. */
  put(mark: Mark): void {
    const { marks } = this.#now;
    const isKnown = marks.some(({ id }) => id === mark.id);
    this.step({
      marks: isKnown ? marks.map((each) => (each.id === mark.id ? mark : each)) : [...marks, mark],
    });
  }

  remove(id: string): void {
    this.step({ marks: this.#now.marks.filter((mark) => mark.id !== id) });
  }

  undo(): void {
    this.#turn(this.#past, this.#future);
  }

  redo(): void {
    this.#turn(this.#future, this.#past);
  }

  /** Whose eye each picture shows, as the server knows by now: no step of the reader's. */
  takeEyes(marks: readonly Mark[]): void {
    const eyes = new Map(marks.map(({ id, eye }) => [id, eye]));
    const told = this.#now.marks.map((mark) => ({ ...mark, eye: eyes.get(mark.id) ?? mark.eye }));
    this.#now = { ...this.#now, marks: told };
  }

  #turn(from: Drawing[], to: Drawing[]): void {
    const next = from.pop();
    if (next !== undefined) {
      to.push(this.#now);
      this.#now = next;
      this.#changed();
    }
  }
}
