import type { View } from "./model";

const SAMPLE_MS = 50;

/** Tells how the picture stands at the presenter's, as often as it stands otherwise. */
export class Presenting {
  readonly #read: () => View | undefined;
  readonly #tell: (view: View) => void;
  #timer = 0;
  #told = "";

  constructor(read: () => View | undefined, tell: (view: View) => void) {
    this.#read = read;
    this.#tell = tell;
  }

  /** What was told last; nothing before, and after this person shows no more. */
  get last(): View | undefined {
    return this.#told === "" ? undefined : (JSON.parse(this.#told) as View);
  }

  begin(): void {
    this.stop();
    this.#timer = window.setInterval(this.#look, SAMPLE_MS);
    this.#look();
  }

  stop(): void {
    window.clearInterval(this.#timer);
    this.#told = "";
  }

  #look = (): void => {
    const view = this.#read();
    const told = JSON.stringify(view);
    if (view !== undefined && told !== this.#told) {
      this.#told = told;
      this.#tell(view);
    }
  };
}
