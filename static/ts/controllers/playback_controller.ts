import { Controller } from "@hotwired/stimulus";
import type { Player } from "../playback/player";
import type { Replay } from "../playback/replay";
import { clockText, type Stretch } from "../playback/timeline";

const STEP_MS = 10_000;

/** A recording on its page: one button, one bar and one clock for all sides. */
export class PlaybackController extends Controller<HTMLElement> {
  static override targets = ["toggle", "bar", "clock", "waits", "fails", "replay"];
  static override values = { length: Number, stretches: Array };
  declare readonly toggleTarget: HTMLButtonElement;
  declare readonly barTarget: HTMLInputElement;
  declare readonly clockTarget: HTMLElement;
  declare readonly waitsTarget: HTMLElement;
  declare readonly failsTarget: HTMLElement;
  declare readonly hasReplayTarget: boolean;
  declare readonly replayTarget: HTMLElement;
  declare lengthValue: number;
  declare stretchesValue: Stretch[];
  #player: Player | undefined;
  #replay: Replay | undefined;
  #isThere = false;

  override connect(): void {
    this.#isThere = true;
    if (this.element.querySelector("[data-track]") !== null) {
      void this.#begin();
    }
    if (this.hasReplayTarget) {
      void this.#beginReplay();
    }
  }

  override disconnect(): void {
    this.#isThere = false;
    this.#player?.close();
    this.#player = undefined;
    this.#replay?.close();
    this.#replay = undefined;
  }

  toggle(): void {
    this.#player?.toggle();
  }

  seek(): void {
    this.#player?.seek(Number(this.barTarget.value));
  }

  back(): void {
    this.#player?.seek(this.#player.atMs - STEP_MS);
  }

  forward(): void {
    this.#player?.seek(Math.min(this.#player.atMs + STEP_MS, this.lengthValue));
  }

  async #begin(): Promise<void> {
    const { Player } = await import("../playback/player");
    if (!this.#isThere) {
      return;
    }
    const files = [...this.element.querySelectorAll<HTMLMediaElement>("[data-track]")];
    const whole = clockText(this.lengthValue);
    this.#player = new Player(files, this.stretchesValue, {
      at: (ms) => {
        const text = `${clockText(ms)} / ${whole}`;
        this.barTarget.value = String(Math.round(ms));
        if (this.clockTarget.textContent !== text) {
          this.clockTarget.textContent = text;
          this.barTarget.setAttribute("aria-valuetext", text);
        }
        this.#shade();
        this.#replay?.at(ms);
      },
      plays: (isPlaying) => this.#tell(isPlaying),
      waits: (isWaiting) => {
        this.waitsTarget.hidden = !isWaiting;
      },
      fails: () => {
        this.failsTarget.hidden = false;
      },
    });
  }

  /** What was looked at together comes beside the voices, which do not wait for it. */
  async #beginReplay(): Promise<void> {
    const { Replay } = await import("../playback/replay");
    const replay = await Replay.on(this.replayTarget);
    this.failsTarget.hidden = this.failsTarget.hidden && replay !== undefined;
    if (this.#isThere) {
      this.#replay = replay;
      replay?.at(this.#player?.atMs ?? 0);
    }
  }

  #tell(isPlaying: boolean): void {
    this.toggleTarget.setAttribute("aria-pressed", String(isPlaying));
    for (const each of this.toggleTarget.querySelectorAll<HTMLElement>("[data-when]")) {
      each.hidden = (each.dataset.when === "playing") !== isPlaying;
    }
  }

  /** A side without a picture says so. */
  #shade(): void {
    for (const side of this.element.querySelectorAll<HTMLElement>(".playback-pictures")) {
      const none = side.querySelector<HTMLElement>("[data-none]");
      if (none !== null) {
        none.hidden = side.querySelector("video:not([hidden])") !== null;
      }
    }
  }
}
