/** How long silence is borne, counted in looks: briefly at first, twice as long after each time it was not. */
export class Patience {
  readonly #least: number;
  readonly #most: number;
  readonly #calm: number;
  #borne: number;
  #silent = 0;
  #since = 0;

  /** After `calm` looks without giving up, it is as brief as at first. */
  constructor(least: number, most: number, calm: number) {
    this.#least = least;
    this.#most = most;
    this.#calm = calm;
    this.#borne = least;
  }

  /** One more look; whether it has been silent for too long. `weight`: as so many looks of silence. */
  look(isSilent: boolean, weight = 1): boolean {
    this.#since += 1;
    if (this.#since >= this.#calm) {
      this.#borne = this.#least;
    }
    this.#silent = isSilent ? this.#silent + weight : 0;
    return this.#silent >= this.#borne;
  }

  /** Something new is listened to: of its silence nothing is known yet. */
  begin(): void {
    this.#silent = 0;
  }

  /** It was given up for being silent. */
  giveUp(): void {
    this.#silent = 0;
    this.#since = 0;
    this.#borne = Math.min(this.#most, this.#borne * 2);
  }
}
