import { Controller } from "@hotwired/stimulus";
import { canChoose, listSpeakers, playOn } from "../rooms/speaker";

/** Where the others are heard: a sound to try it by, and the choice of a speaker. */
export class SpeakerController extends Controller<HTMLElement> {
  static override targets = ["sound", "field", "choice", "said"];
  declare readonly soundTargets: HTMLAudioElement[];
  declare readonly fieldTargets: HTMLElement[];
  declare readonly choiceTargets: HTMLSelectElement[];
  declare readonly saidTargets: HTMLElement[];
  #device = "";

  /** Somebody's sound has come: it is heard where the others are. */
  soundTargetConnected(sound: HTMLAudioElement): void {
    if (this.#device !== "") {
      void playOn(sound, this.#device);
    }
  }

  /** What may be chosen; what was pulled out is followed by what the computer takes. */
  async list(): Promise<void> {
    const found = canChoose() ? await listSpeakers() : [];
    for (const field of this.fieldTargets) {
      field.hidden = found.length === 0;
    }
    for (const select of this.choiceTargets) {
      const [first] = select.options;
      const known = found.map(({ id, label }) => new Option(label, id));
      select.replaceChildren(...(first === undefined ? [] : [first]), ...known);
    }
    const isThere = found.some(({ id }) => id === this.#device);
    await this.#take(isThere ? this.#device : "");
  }

  async choose({ currentTarget }: Event): Promise<void> {
    await this.#take((currentTarget as HTMLSelectElement).value);
  }

  /** By a press alone: browsers let no page sound before. */
  async play(): Promise<void> {
    this.#say("");
    const { playSample } = await import("../rooms/sounds");
    this.#say((await playSample(this.#device)) ? "asked" : "failed");
  }

  async #take(device: string): Promise<void> {
    const done = await Promise.all(this.soundTargets.map((each) => playOn(each, device)));
    const isTaken = done.every(Boolean);
    this.#device = isTaken ? device : "";
    if (!isTaken) {
      await Promise.all(this.soundTargets.map((each) => playOn(each, "")));
      this.#say("failed");
    }
    for (const select of this.choiceTargets) {
      select.value = this.#device;
    }
  }

  #say(code: string): void {
    for (const each of this.saidTargets) {
      each.hidden = each.dataset.code !== code;
    }
  }
}
