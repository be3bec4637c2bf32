/**
 * One thing done again and again, one time after the other: what is asked for while it is being done
 * is done once, behind it. The promise is kept, or broken, by the newest: nothing newer is wanted then.
 */
export class Latest {
  readonly #act: () => Promise<void>;
  #wanted = 0;
  #running: Promise<void> | undefined;

  constructor(act: () => Promise<void>) {
    this.#act = act;
  }

  again(): Promise<void> {
    this.#wanted += 1;
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #all(): Promise<void> {
    for (let done = 0; done !== this.#wanted; ) {
      done = this.#wanted;
      try {
        await this.#act();
      } catch (error) {
        if (done === this.#wanted) {
          throw error;
        }
      }
    }
  }
}
