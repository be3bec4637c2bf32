import { tellPresent } from "../lib/lock";
import { DeviceCheck } from "./check";
import type { Kind } from "./own_media";
import type { Source } from "./sender";
import type { Stage } from "./stage";

type Sends = (source: Source, track: MediaStreamTrack | undefined) => Promise<void> | undefined;

/** What this device gives to a call, each with its switch: camera, microphone, screen. */
export class Switches {
  readonly #stage: Stage;
  readonly #sends: Sends;
  readonly #check: DeviceCheck;
  readonly #off = new Set<Kind>();
  readonly #listening = new AbortController();
  #screen: MediaStreamTrack | undefined;

  constructor(stage: Stage, sends: Sends) {
    this.#stage = stage;
    this.#sends = sends;
    const places = {
      pictures: stage.all("video[data-own]") as HTMLVideoElement[],
      level: stage.one<HTMLMeterElement>("[data-level]"),
      choices: stage.all("select[data-kind]") as HTMLSelectElement[],
      says: stage.all("[data-of]"),
    };
    this.#check = new DeviceCheck(places, (kind) => this.#changed(kind), tellPresent);
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    const { signal } = this.#listening;
    devices?.addEventListener("devicechange", () => void this.#check.renew(), { signal });
    for (const select of places.choices) {
      select.addEventListener("change", () => void this.#choose(select));
    }
  }

  /** Look at the devices; nothing is switched off. */
  async begin(): Promise<void> {
    this.#off.clear();
    this.#stage.press("microphone", false);
    await this.#check.begin();
  }

  /** A call begins: it is given what there is. */
  give(): void {
    for (const kind of ["camera", "microphone"] as const) {
      this.#changed(kind);
    }
  }

  /** Mute, or speak again. */
  async microphone(): Promise<void> {
    const track = this.#check.media.tracks.get("microphone");
    const isOff = track !== undefined && !this.#off.has("microphone");
    if (isOff) {
      this.#off.add("microphone");
    } else {
      this.#off.delete("microphone");
    }
    if (track === undefined) {
      await this.#check.media.open("microphone");
    } else {
      track.enabled = !isOff;
    }
    this.#changed("microphone");
  }

  /** The camera is shut, or opened again; its light follows. */
  async camera(): Promise<void> {
    if (this.#check.media.tracks.has("camera")) {
      this.#check.media.close("camera");
    } else {
      await this.#check.media.open("camera");
    }
  }

  /** The screen is shown, or no more. */
  async screen(): Promise<void> {
    if (this.#screen !== undefined) {
      this.#screen.stop();
      await this.#share(undefined);
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 } });
      await this.#share(stream.getVideoTracks()[0]);
    } catch {
      this.#stage.say("said", "no-screen");
    }
  }

  /** Nothing of this device is seen or heard any more. */
  close(): void {
    this.#screen?.stop();
    this.#check.close();
  }

  /** The page goes: devices are watched no more. */
  leave(): void {
    this.#listening.abort();
    this.close();
  }

  /** The call is over: the next begins without a screen. */
  end(): void {
    this.close();
    this.#screen = undefined;
    this.#stage.press("screen", false);
  }

  async #choose(select: HTMLSelectElement): Promise<void> {
    const kind = select.dataset.kind as Kind;
    if (select.value === "") {
      this.#check.media.close(kind);
    } else {
      await this.#check.media.open(kind, select.value);
    }
  }

  /** What is sent follows what there is, and what was switched off. */
  #changed(kind: Kind): void {
    const track = this.#off.has(kind) ? undefined : this.#check.media.tracks.get(kind);
    this.#stage.press(kind, track === undefined);
    void this.#sends(kind, track);
  }

  async #share(track: MediaStreamTrack | undefined): Promise<void> {
    this.#screen = track;
    if (track !== undefined) {
      track.onended = (): void => {
        void this.#share(undefined);
      };
    }
    this.#stage.press("screen", track !== undefined);
    await this.#sends("screen", track);
  }
}
