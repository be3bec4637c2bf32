/**
 * A step that is taken again for whoever asks while it is under way, once for all of them: what was
 * asked is kept when nothing newer is wanted.
 */
export class Newest {
  readonly #step: () => Promise<void>;
  #wanted = 0;
  #underWay: Promise<void> | undefined;

  constructor(step: () => Promise<void>) {
    this.#step = step;
  }

  ask(): Promise<void> {
    this.#wanted += 1;
    this.#underWay ??= this.#takeAll().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #takeAll(): Promise<void> {
    let taken = 0;
    while (taken !== this.#wanted) {
      taken = this.#wanted;
      await this.#step();
    }
  }
}
