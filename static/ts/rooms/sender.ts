type Say = (message: Record<string, unknown>) => void;
export type Source = "camera" | "microphone" | "screen";

const AGAIN_MS = 1000;

/** The connection by which this device sends: it offers, the room answers. */
export class Sender {
  readonly #say: Say;
  readonly #relay: { readonly servers: RTCIceServer[] };
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  readonly #sections = new Map<Source, RTCRtpTransceiver>();
  #peer: RTCPeerConnection | undefined;
  #isNew = true;
  #waits = false;
  #isDirty = false;
  #timer = 0;

  constructor(say: Say, relay: { readonly servers: RTCIceServer[] }) {
    this.#say = say;
    this.#relay = relay;
  }

  get peer(): RTCPeerConnection | undefined {
    return this.#peer;
  }

  /** What the room should have of this device. */
  get sending(): Source[] {
    return [...this.#tracks.keys()];
  }

  /** Send this from now on, or nothing of the kind. */
  async set(source: Source, track: MediaStreamTrack | undefined): Promise<void> {
    const wasSent = this.#tracks.has(source);
    if (track === undefined) {
      this.#tracks.delete(source);
    } else {
      this.#tracks.set(source, track);
    }
    const section = this.#sections.get(source);
    if (section !== undefined) {
      await section.sender.replaceTrack(track ?? null);
    }
    if (wasSent !== (track !== undefined)) {
      await this.#negotiate();
    }
  }

  /** Everything anew, by another connection. */
  async restart(): Promise<void> {
    this.close();
    this.#isNew = true;
    await this.#negotiate();
  }

  /** The line came again: what was asked on the one before may have been lost. */
  async resume(isKnown: boolean): Promise<void> {
    const waited = this.#waits;
    this.#waits = false;
    if (!isKnown && !waited) {
      await this.restart();
    } else if (waited) {
      await this.#negotiate();
    }
  }

  /** The room's answer. */
  async published(answer: string): Promise<void> {
    this.#waits = false;
    if (this.#peer?.signalingState === "have-local-offer") {
      await this.#peer.setRemoteDescription({ type: "answer", sdp: answer });
    }
    if (this.#isDirty) {
      await this.#negotiate();
    }
  }

  /** The room took the offer for none. */
  refused(): void {
    this.#waits = false;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.restart(), AGAIN_MS);
  }

  close(): void {
    window.clearTimeout(this.#timer);
    this.#peer?.close();
    this.#peer = undefined;
    this.#sections.clear();
    this.#waits = false;
  }

  async #negotiate(): Promise<void> {
    if (this.#waits) {
      this.#isDirty = true;
      return;
    }
    if (this.#peer === undefined && this.#tracks.size === 0) {
      return;
    }
    this.#isDirty = false;
    this.#waits = true;
    const peer = this.#peer ?? this.#open();
    this.#arrange(peer);
    await peer.setLocalDescription();
    const offer = peer.localDescription?.sdp;
    if (peer !== this.#peer || offer === undefined) {
      return;
    }
    this.#say({ say: "publish", offer, sources: this.#sources(), anew: this.#isNew });
    this.#isNew = false;
  }

  #open(): RTCPeerConnection {
    const peer = new RTCPeerConnection({ iceServers: this.#relay.servers });
    peer.onicecandidate = ({ candidate }): void => {
      if (candidate !== null) {
        this.#say({ say: "candidate", of: "publish", candidate: candidate.toJSON() });
      }
    };
    peer.onconnectionstatechange = (): void => {
      if (peer === this.#peer && peer.connectionState === "failed") {
        void this.restart();
      }
    };
    this.#peer = peer;
    return peer;
  }

  #arrange(peer: RTCPeerConnection): void {
    for (const [source, section] of this.#sections) {
      section.direction = this.#tracks.has(source) ? "sendonly" : "inactive";
    }
    for (const [source, track] of this.#tracks) {
      if (!this.#sections.has(source)) {
        this.#sections.set(source, peer.addTransceiver(track, { direction: "sendonly" }));
      }
    }
  }

  #sources(): Record<string, string> {
    const sent = [...this.#sections].filter(([source]) => this.#tracks.has(source));
    return Object.fromEntries(sent.map(([source, { mid }]) => [mid ?? "", source]));
  }
}
