import { Patience } from "./patience";

const LOOKS_MS = 500;
/** Browsers check a line that is still every 2.5 s, and twice a second once that was not answered. */
const HEARD_BEFORE = [7, 56, 40] as const;
/** A connection that is being made may have to go by a relay. */
const NEVER_HEARD = [20, 80, 40] as const;
/** The browser itself takes it for cut, but would wait ten seconds more before it says so for good. */
const CUT_WEIGHS = 3;

/** Everything by which a connection hears its peer: packets, and the answers to its own checks. */
async function hearing(peer: RTCPeerConnection): Promise<number> {
  let found = 0;
  (await peer.getStats()).forEach((each) => {
    if (each.type === "candidate-pair") {
      const { bytesReceived, responsesReceived, requestsReceived } = each;
      found += (bytesReceived ?? 0) + (responsesReceived ?? 0) + (requestsReceived ?? 0);
    }
  });
  return found;
}

/**
 * Whether a connection still hears its peer; where it has not for some seconds, it is made again.
 *
 * A browser says "failed" after fifteen seconds or more: too late for whoever changed her network.
 */
export class Pulse {
  readonly #of: { readonly peer: RTCPeerConnection | undefined };
  readonly #mayAct: () => boolean;
  readonly #again: () => Promise<void>;
  readonly #heardBefore = new Patience(...HEARD_BEFORE);
  readonly #neverHeard = new Patience(...NEVER_HEARD);
  #peer: RTCPeerConnection | undefined;
  #heard = 0;
  #hasHeard = false;
  #timer = 0;

  /** `mayAct`: whether a new connection could be agreed upon at present. */
  constructor(
    of: { readonly peer: RTCPeerConnection | undefined },
    mayAct: () => boolean,
    again: () => Promise<void>,
  ) {
    this.#of = of;
    this.#mayAct = mayAct;
    this.#again = again;
  }

  begin(): void {
    this.#timer = window.setInterval(() => void this.#look(), LOOKS_MS);
  }

  stop(): void {
    window.clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { peer } = this.#of;
    if (peer !== this.#peer) {
      this.#peer = peer;
      this.#heard = 0;
      this.#hasHeard = false;
      this.#heardBefore.begin();
      this.#neverHeard.begin();
    }
    if (peer === undefined) {
      return;
    }
    const before = this.#heard;
    const heard = await hearing(peer);
    if (peer !== this.#of.peer) {
      return;
    }
    this.#heard = heard;
    this.#hasHeard ||= heard > 0;
    const patience = this.#hasHeard ? this.#heardBefore : this.#neverHeard;
    const weight = peer.connectionState === "disconnected" ? CUT_WEIGHS : 1;
    // with its network a browser may forget what came by it: less than before is silence too
    if (patience.look(heard <= before, weight) && this.#mayAct()) {
      patience.giveUp();
      await this.#again();
    }
  }
}
