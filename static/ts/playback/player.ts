import { under } from "../lib/place";
import { nextRecorded, placeIn, rateFor, type Span, type Stretch } from "./timeline";

const LOOKS_MS = 50;
/** A file that does not come for so long is not waited for any more: the others go on. */
const PATIENCE_MS = 8000;
const ENOUGH: number = HTMLMediaElement.HAVE_FUTURE_DATA;

interface Track extends Span {
  media: HTMLMediaElement;
  isOn: boolean;
}

/** What the page hears of a player. */
interface Hears {
  at(ms: number): void;
  plays(isPlaying: boolean): void;
  waits(isWaiting: boolean): void;
  fails(): void;
}

/** Several files led by one clock: nobody runs on while another loads, and none drifts away. */
export class Player {
  readonly #tracks: Track[];
  readonly #stretches: readonly Stretch[];
  readonly #hears: Hears;
  readonly #timer: number;
  #atMs = 0;
  #lookedMs = performance.now();
  #waitsSinceMs: number | undefined;
  #isPlaying = false;

  constructor(files: HTMLMediaElement[], stretches: readonly Stretch[], hears: Hears) {
    this.#stretches = stretches;
    this.#hears = hears;
    this.#tracks = files.map((media) => ({
      media,
      startsMs: Number(media.dataset.startsMs),
      lengthMs: Number(media.dataset.lengthMs),
      isOn: false,
    }));
    for (const { media } of this.#tracks) {
      media.addEventListener("error", () => hears.fails());
      media.src = under(media.dataset.src ?? "");
    }
    this.#timer = window.setInterval(() => this.#look(), LOOKS_MS);
    this.#look();
  }

  get atMs(): number {
    return this.#atMs;
  }

  /** Play or stand still; after its end it begins anew. */
  toggle(): void {
    this.#isPlaying = !this.#isPlaying;
    if (this.#isPlaying && nextRecorded(this.#stretches, this.#atMs) === undefined) {
      this.seek(0);
    }
    this.#hears.plays(this.#isPlaying);
    this.#look();
  }

  /** Go there with every file. */
  seek(ms: number): void {
    this.#atMs = Math.max(ms, 0);
    for (const track of this.#tracks) {
      track.isOn = false;
    }
    this.#look();
  }

  close(): void {
    window.clearInterval(this.#timer);
    for (const { media } of this.#tracks) {
      media.pause();
      media.removeAttribute("src");
      media.load();
    }
  }

  #look(): void {
    const now = performance.now();
    const passed = now - this.#lookedMs;
    this.#lookedMs = now;
    const waits = this.#waits(now);
    if (this.#isPlaying && !waits) {
      this.#atMs += passed;
      this.#passOver();
    }
    for (const track of this.#tracks) {
      this.#lead(track, waits);
    }
    this.#hears.waits(waits);
    this.#hears.at(this.#atMs);
  }

  /** Whether a file that is wanted now has not come, for a while at most. */
  #waits(now: number): boolean {
    const isMissing = this.#tracks.some(
      ({ media, isOn }) =>
        isOn &&
        !media.ended &&
        media.error === null &&
        (media.seeking || media.readyState < ENOUGH),
    );
    this.#waitsSinceMs = isMissing ? (this.#waitsSinceMs ?? now) : undefined;
    return isMissing && now - (this.#waitsSinceMs ?? now) < PATIENCE_MS;
  }

  #passOver(): void {
    const next = nextRecorded(this.#stretches, this.#atMs);
    if (next === undefined) {
      this.#isPlaying = false;
      this.#atMs = this.#stretches.at(-1)?.[1] ?? 0;
      this.#hears.plays(false);
    } else if (next > this.#atMs) {
      this.seek(next);
    }
  }

  #lead(track: Track, waits: boolean): void {
    const { media } = track;
    const place = placeIn(track, this.#atMs);
    if (place === undefined) {
      track.isOn = false;
      media.pause();
    } else {
      const rate = track.isOn ? rateFor(media.currentTime * 1000 - place) : 0;
      track.isOn = true;
      if (rate === 0 && !media.seeking) {
        media.currentTime = place / 1000;
      }
      media.playbackRate = rate || 1;
      this.#run(media, this.#isPlaying && !waits);
    }
    if (media instanceof HTMLVideoElement) {
      media.hidden = place === undefined;
    }
  }

  #run(media: HTMLMediaElement, isPlaying: boolean): void {
    if (isPlaying && media.paused && !media.ended) {
      // a file that is taken away while it begins refuses: that is no fault
      media.play().catch(() => undefined);
    } else if (!isPlaying && !media.paused) {
      media.pause();
    }
  }
}
