import { reasonOf } from "../connection/devices";

export type Kind = "camera" | "microphone";
/**
 * ok, or replaced where another device was taken for one that is gone; or why there is nothing:
 * denied, none, in-use, gone, insecure, unsupported, off
 */
type Outcome = string;

const CAMERA = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 24, max: 30 },
};
const INPUT: Record<Kind, MediaDeviceKind> = { camera: "videoinput", microphone: "audioinput" };

function constraint(kind: Kind, device: string): MediaTrackConstraints {
  const chosen = device === "" ? {} : { deviceId: { exact: device } };
  return kind === "camera"
    ? { ...CAMERA, ...chosen }
    : { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...chosen };
}

/** Why this browser has no calls here; undefined where it has. */
function whyNot(): Outcome | undefined {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (window.RTCPeerConnection !== undefined && devices !== undefined) {
    return undefined;
  }
  return window.isSecureContext ? "unsupported" : "insecure";
}

async function ask(wanted: MediaStreamConstraints): Promise<MediaStream> {
  if (whyNot() !== undefined) {
    throw new Error("a browser without calls");
  }
  return navigator.mediaDevices.getUserMedia(wanted);
}

/** One's own camera and microphone, each with how it stands. */
export class OwnMedia {
  readonly tracks = new Map<Kind, MediaStreamTrack>();
  readonly outcomes: Record<Kind, Outcome> = { camera: "off", microphone: "off" };
  readonly #changed: (kind: Kind) => void;

  constructor(changed: (kind: Kind) => void) {
    this.#changed = changed;
  }

  /** Both by one question of the browser; each by itself where that fails. */
  async openBoth(): Promise<void> {
    try {
      const wanted = { video: constraint("camera", ""), audio: constraint("microphone", "") };
      const stream = await ask(wanted);
      this.#keep("camera", stream.getVideoTracks()[0]);
      this.#keep("microphone", stream.getAudioTracks()[0]);
    } catch {
      await this.open("camera");
      await this.open("microphone");
    }
  }

  /** One of them, by the browser's choice or this very device. */
  async open(kind: Kind, device = ""): Promise<void> {
    try {
      const named = kind === "camera" ? "video" : "audio";
      const stream = await ask({ [named]: constraint(kind, device) });
      this.#keep(kind, stream.getTracks()[0]);
    } catch (error) {
      this.#fail(kind, whyNot() ?? reasonOf(error));
    }
  }

  /** Devices have come or gone: what was pulled out is there again, or another one is. */
  async renew(): Promise<void> {
    for (const kind of ["camera", "microphone"] as const) {
      if (this.outcomes[kind] === "gone") {
        await this.#replace(kind, "");
      }
    }
  }

  close(kind: Kind): void {
    this.tracks.get(kind)?.stop();
    this.tracks.delete(kind);
    this.outcomes[kind] = "off";
    this.#changed(kind);
  }

  closeAll(): void {
    this.close("camera");
    this.close("microphone");
  }

  /** The devices of a kind; their labels are known once one of them was allowed. */
  async list(kind: Kind): Promise<{ id: string; label: string }[]> {
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    const all = (await devices?.enumerateDevices()) ?? [];
    return all
      .filter((each) => each.kind === INPUT[kind] && each.deviceId !== "" && each.label !== "")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  }

  /** The device that is used. */
  used(kind: Kind): string {
    return this.tracks.get(kind)?.getSettings().deviceId ?? "";
  }

  #keep(kind: Kind, track: MediaStreamTrack | undefined, outcome = "ok"): void {
    if (track === undefined) {
      this.#fail(kind, "none");
      return;
    }
    // whoever looks again would keep the one before, and its light, for ever
    this.tracks.get(kind)?.stop();
    this.tracks.set(kind, track);
    this.outcomes[kind] = outcome;
    const device = this.used(kind);
    // unplugged, or taken back by the browser
    track.onended = (): void => {
      if (this.tracks.get(kind) === track) {
        this.tracks.delete(kind);
        this.#fail(kind, "gone");
        void this.#replace(kind, device);
      }
    };
    this.#changed(kind);
  }

  /** The first of its kind that opens, but not the one that is lost; none leaves it gone. */
  async #replace(kind: Kind, lost: string): Promise<void> {
    const named = kind === "camera" ? "video" : "audio";
    const others = (await this.list(kind)).filter(({ id }) => id !== lost);
    for (const { id } of others) {
      const wanted = { [named]: constraint(kind, id) };
      const stream = await ask(wanted).catch(() => undefined);
      if (this.outcomes[kind] !== "gone") {
        // somebody has chosen meanwhile, or the call is over
        stream?.getTracks().forEach((each) => {
          each.stop();
        });
        return;
      }
      if (stream !== undefined) {
        this.#keep(kind, stream.getTracks()[0], "replaced");
        return;
      }
    }
  }

  #fail(kind: Kind, why: Outcome): void {
    this.outcomes[kind] = why;
    this.#changed(kind);
  }
}
