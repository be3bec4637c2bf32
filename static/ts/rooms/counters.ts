import type { Stretch } from "./ladder";

interface Counted {
  lost: number;
  came: number;
  width: number;
  height: number;
  roundTripMs: number;
}

/** What the server keeps of a line (VID-10). */
export interface Sample {
  lost_per_mille: number;
  round_trip_ms: number;
  width: number;
  height: number;
}

const NOTHING: Counted = { lost: 0, came: 0, width: 0, height: 0, roundTripMs: 0 };
const MOST_MS = 60_000;

async function count(peer: RTCPeerConnection | undefined): Promise<Counted> {
  const found = { ...NOTHING };
  const stats = await peer?.getStats();
  stats?.forEach((each) => {
    if (each.type === "inbound-rtp") {
      found.lost += Math.max(0, each.packetsLost ?? 0);
      found.came += each.packetsReceived ?? 0;
      found.width = Math.max(found.width, each.frameWidth ?? 0);
      found.height = Math.max(found.height, each.frameHeight ?? 0);
    } else if (each.type === "candidate-pair" && each.nominated === true) {
      found.roundTripMs = Math.round((each.currentRoundTripTime ?? 0) * 1000);
    }
  });
  return found;
}

/** The browser's counters between two looks. */
export class Counters {
  #before: Counted = NOTHING;
  #now: Counted = NOTHING;
  #peer: RTCPeerConnection | undefined;

  /** Since the last look: a connection that is new begins at nothing. */
  async look(peer: RTCPeerConnection | undefined, isAwaited: boolean): Promise<Stretch> {
    this.#before = peer === this.#peer ? this.#now : NOTHING;
    this.#peer = peer;
    this.#now = await count(peer);
    const came = Math.max(0, this.#now.came - this.#before.came);
    const lost = Math.max(0, this.#now.lost - this.#before.lost);
    return {
      lost: came + lost === 0 ? 0 : lost / (came + lost),
      roundTripMs: this.#now.roundTripMs,
      arrives: isAwaited ? came > 0 : undefined,
    };
  }

  sample(stretch: Stretch): Sample {
    return {
      lost_per_mille: Math.round(stretch.lost * 1000),
      round_trip_ms: Math.min(MOST_MS, stretch.roundTripMs),
      width: this.#now.width,
      height: this.#now.height,
    };
  }
}
