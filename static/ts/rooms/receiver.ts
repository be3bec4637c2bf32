import type { Told } from "./line";

/** One thing that comes: whose, what of it, and the track. */
export interface Received {
  participant: string;
  source: string;
  track: MediaStreamTrack;
}

interface Offered {
  mid: string;
  participant: string;
  source: string;
}

type Say = (message: Record<string, unknown>) => void;

/** The connection by which this device receives: the room offers, it answers. */
export class Receiver {
  readonly #say: Say;
  readonly #relay: { readonly servers: RTCIceServer[] };
  readonly #show: (received: Received[]) => void;
  #peer: RTCPeerConnection | undefined;
  #received: Received[] = [];

  constructor(
    say: Say,
    relay: { readonly servers: RTCIceServer[] },
    show: (received: Received[]) => void,
  ) {
    this.#say = say;
    this.#relay = relay;
    this.#show = show;
  }

  get peer(): RTCPeerConnection | undefined {
    return this.#peer;
  }

  /** What comes now. */
  get received(): readonly Received[] {
    return this.#received;
  }

  /** The same, as the roster names it. */
  get names(): string[] {
    return this.#received.map(({ participant, source }) => `${participant} ${source}`).sort();
  }

  /** The room's offer; the first of a connection carries number one. */
  async offered({ connection, number, offer, tracks }: Told): Promise<void> {
    const peer = this.#peer === undefined || number === 1 ? this.#open() : this.#peer;
    await peer.setRemoteDescription({ type: "offer", sdp: String(offer) });
    await peer.setLocalDescription();
    this.#say({ say: "answer", connection, number, answer: peer.localDescription?.sdp });
    this.#received = (tracks as Offered[]).flatMap(({ mid, participant, source }) => {
      const section = peer.getTransceivers().find((each) => each.mid === mid);
      return section === undefined ? [] : [{ participant, source, track: section.receiver.track }];
    });
    this.#show(this.#received);
  }

  /** By another connection. */
  again(): void {
    this.close();
    this.#say({ say: "receive", anew: true });
  }

  /** With pictures, or sound alone. */
  take(video: boolean): void {
    this.#say({ say: "receive", video });
  }

  close(): void {
    this.#peer?.close();
    this.#peer = undefined;
    this.#received = [];
  }

  #open(): RTCPeerConnection {
    this.#peer?.close();
    const peer = new RTCPeerConnection({ iceServers: this.#relay.servers });
    peer.onicecandidate = ({ candidate }): void => {
      if (candidate !== null) {
        this.#say({ say: "candidate", of: "receive", candidate: candidate.toJSON() });
      }
    };
    peer.onconnectionstatechange = (): void => {
      if (peer === this.#peer && peer.connectionState === "failed") {
        this.again();
      }
    };
    this.#peer = peer;
    return peer;
  }
}
