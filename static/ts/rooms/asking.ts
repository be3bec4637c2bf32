/** So many times as long as the last answer took one waits with the next question. */
const RESTS = 3;

/**
 * Asks again and again, one question at a time: some time after each answer, and longer where
 * answers take long, so that questions do not fill a thin line. What is asked while an answer is
 * awaited is asked once more after it.
 */
export class Asking {
  readonly #look: () => Promise<void>;
  readonly #everyMs: number;
  #timer = 0;
  #waits = false;
  #isAsked = false;
  #again = false;

  constructor(look: () => Promise<void>, everyMs: number) {
    this.#look = look;
    this.#everyMs = everyMs;
  }

  begin(): void {
    this.#waits = true;
    this.#wait(this.#everyMs);
  }

  end(): void {
    this.#waits = false;
    window.clearTimeout(this.#timer);
  }

  /** Ask at once; resolves with the answer, or at once where one is awaited already. */
  async now(): Promise<void> {
    this.#again = true;
    if (this.#isAsked) {
      return;
    }
    this.#isAsked = true;
    window.clearTimeout(this.#timer);
    const began = performance.now();
    try {
      while (this.#again) {
        this.#again = false;
        await this.#look();
      }
    } finally {
      this.#isAsked = false;
      this.#wait(Math.max(this.#everyMs, RESTS * (performance.now() - began)));
    }
  }

  #wait(ms: number): void {
    if (this.#waits) {
      this.#timer = window.setTimeout(() => void this.now(), ms);
    }
  }
}
