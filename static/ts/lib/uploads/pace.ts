const KEY = "lianzhen-upload-pace";
const LOOK_MS = 300;
const PIECE_MS = 1500;
const LEAST_BYTES = 64 * 1024;
const FIRST_BYTES = 256 * 1024;
const MOST_BYTES = 1024 * 1024;
const changes = new EventTarget();

interface Choice {
  paused: boolean;
  /** nobody has asked for the whole line */
  bounded: boolean;
}

/** What the person chose in any tab; it goes with everything else at sign-out. */
export function readChoice(): Choice {
  const usual = { paused: false, bounded: true };
  try {
    return { ...usual, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return usual;
  }
}

export function choose(change: Partial<Choice>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...readChoice(), ...change }));
  changes.dispatchEvent(new Event("change"));
}

/** Hear of a choice, in whichever tab it was made. */
export function onChoice(on: () => void, signal: AbortSignal): void {
  changes.addEventListener("change", on, { signal });
  window.addEventListener("storage", on, { signal });
}

export function forgetChoice(): void {
  localStorage.removeItem(KEY);
}

/**
 * How fast pieces follow one another (U11): after each piece the line is left alone so long that
 * sending takes no more than its share, pieces are as long as a second and a half of the line, and
 * nothing goes while somebody has paused or a first look is under way.
 */
export class Pace {
  readonly #share: number;
  readonly #isStopped: () => boolean;
  #piece = FIRST_BYTES;
  #heldUntil = 0;
  #restUntil = 0;
  #began = 0;

  constructor(share: number, isStopped: () => boolean) {
    this.#share = share;
    this.#isStopped = isStopped;
  }

  get pieceBytes(): number {
    return this.#piece;
  }

  /** Let something smaller go first, for at most so long. */
  hold(ms: number): void {
    this.#heldUntil = Date.now() + ms;
  }

  release(): void {
    this.#heldUntil = 0;
  }

  /** Wait until the next request may go. */
  async turn(): Promise<void> {
    for (let left = this.#left(); left > 0 && !this.#isStopped(); left = this.#left()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)));
    }
    this.#began = Date.now();
  }

  /** A piece has arrived: the line is left to others as long as their share is. */
  sent(bytes: number): void {
    const took = Math.max(Date.now() - this.#began, 1);
    this.#piece = Math.min(
      Math.max(Math.round((bytes / took) * PIECE_MS), LEAST_BYTES),
      MOST_BYTES,
    );
    this.#restUntil = Date.now() + (took * (100 - this.#share)) / this.#share;
  }

  #left(): number {
    const { paused, bounded } = readChoice();
    const resting = bounded ? this.#restUntil : 0;
    return paused ? LOOK_MS : Math.max(this.#heldUntil, resting) - Date.now();
  }
}
