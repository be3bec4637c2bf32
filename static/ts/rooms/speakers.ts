import type { Receiver } from "./receiver";

const LOOKS_MS = 500;
const SPEAKS = 0.02;

/** Who is heard at present, by the loudness of what comes from each. */
export class Speakers {
  readonly #receiver: Receiver;
  readonly #tell: (persons: Set<string>) => void;
  #timer = 0;

  constructor(receiver: Receiver, tell: (persons: Set<string>) => void) {
    this.#receiver = receiver;
    this.#tell = tell;
  }

  begin(): void {
    this.#timer = window.setInterval(() => void this.#look(), LOOKS_MS);
  }

  stop(): void {
    window.clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const heard = this.#receiver.received.filter(({ source }) => source === "microphone");
    const persons = await Promise.all(
      heard.map(async ({ participant, track }) => {
        const isLoud = (await loudnessOf(this.#receiver.peer, track)) > SPEAKS;
        return isLoud ? participant.slice(0, participant.lastIndexOf("/")) : "";
      }),
    );
    this.#tell(new Set(persons));
  }
}

/** From 0 to 1, as the browser hears it now. */
async function loudnessOf(
  peer: RTCPeerConnection | undefined,
  track: MediaStreamTrack,
): Promise<number> {
  let found = 0;
  const stats = await peer
    ?.getReceivers()
    .find((each) => each.track === track)
    ?.getStats();
  stats?.forEach((each) => {
    if (each.type === "inbound-rtp") {
      found = each.audioLevel ?? 0;
    }
  });
  return found;
}
