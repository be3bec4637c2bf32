import { TestLine } from "./line";
import { DrawnSource } from "./source";
import type { Quality } from "./verdict";

const GATHERS_MS = 8000;
const ANSWERS_MS = 10_000;
const CONNECTS_MS = 12_000;
const MEASURES_MS = 5000;
const LOOKS_MS = 100;
const REFUSED = [400, 401, 403, 437, 441, 486];

/** By which way a path goes: these servers alone, or directly where there are none. */
export type Servers = RTCIceServer[];

export interface Path {
  /** ok, no-media, no-relay, refused, no-line, or why there is no room */
  outcome: string;
  quality?: Quality;
}

const wait = (ms: number): Promise<void> => new Promise((done) => window.setTimeout(done, ms));

async function until(isSo: () => boolean, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > end) {
      return false;
    }
    await wait(LOOKS_MS);
  }
  return true;
}

/** One connection, with all of its addresses in its description. */
class Peer {
  readonly own: RTCPeerConnection;
  readonly #viaRelay: boolean;
  #wasRefused = false;

  constructor(servers: Servers) {
    this.#viaRelay = servers.length > 0;
    this.own = new RTCPeerConnection({
      iceServers: servers,
      iceTransportPolicy: this.#viaRelay ? "relay" : "all",
    });
    this.own.onicecandidateerror = ({ errorCode }): void => {
      this.#wasRefused ||= REFUSED.includes(errorCode);
    };
  }

  /** Describe itself; says why it cannot, where a relay gives no place. */
  async describe(): Promise<string> {
    await this.own.setLocalDescription();
    await until(() => this.own.iceGatheringState === "complete", GATHERS_MS);
    if (this.#viaRelay && !this.text.includes(" typ relay")) {
      return this.#wasRefused ? "refused" : "no-relay";
    }
    return "ok";
  }

  get text(): string {
    return this.own.localDescription?.sdp ?? "";
  }

  get isConnected(): boolean {
    return this.own.connectionState === "connected";
  }
}

/** Whether a relay gives a place, where there is no room to send video to. */
export async function tryPlace(servers: Servers): Promise<Path> {
  const peer = new Peer(servers);
  try {
    peer.own.createDataChannel("place");
    const outcome = await peer.describe();
    return { outcome: outcome === "ok" ? "place" : outcome };
  } finally {
    peer.own.close();
  }
}

/** Send through the media process and hear it back; `measures` counts for five seconds. */
export async function tryPath(servers: Servers, measures: () => boolean): Promise<Path> {
  const line = new TestLine();
  const source = new DrawnSource();
  const sender = new Peer(servers);
  const hearer = new Peer(servers);
  try {
    const room = await line.ready();
    if (room !== "open") {
      return { outcome: room ?? "no-line" };
    }
    const outcome = await meet(line, source, sender, hearer);
    if (outcome !== "ok" || !measures()) {
      return { outcome };
    }
    return { outcome, quality: await measure(sender.own, hearer.own) };
  } finally {
    source.stop();
    sender.own.close();
    hearer.own.close();
    line.close();
  }
}

async function meet(
  line: TestLine,
  source: DrawnSource,
  sender: Peer,
  hearer: Peer,
): Promise<string> {
  const section = sender.own.addTransceiver(source.track, { direction: "sendonly" });
  const described = await sender.describe();
  if (described !== "ok") {
    return described;
  }
  const sources = { [section.mid ?? "0"]: "camera" };
  line.say({ say: "publish", offer: sender.text, sources });
  const published = await line.hear("published", ANSWERS_MS);
  const offered = await line.hear("offer", ANSWERS_MS);
  if (published === undefined || offered === undefined) {
    return "no-line";
  }
  await sender.own.setRemoteDescription({ type: "answer", sdp: String(published.answer) });
  await hearer.own.setRemoteDescription({ type: "offer", sdp: String(offered.offer) });
  const answered = await hearer.describe();
  if (answered !== "ok") {
    return answered;
  }
  line.say({ say: "answer", number: offered.number, answer: hearer.text });
  const met = await until(() => sender.isConnected && hearer.isConnected, CONNECTS_MS);
  return met ? "ok" : "no-media";
}

async function measure(sender: RTCPeerConnection, hearer: RTCPeerConnection): Promise<Quality> {
  await wait(MEASURES_MS);
  const sent = await countersOf(sender);
  const heard = await countersOf(hearer);
  const told = heard.get("inbound-rtp");
  const lost = Math.max(0, Number(told?.packetsLost ?? 0));
  const all = lost + Number(told?.packetsReceived ?? 0);
  return {
    lostOut: Number(sent.get("remote-inbound-rtp")?.fractionLost ?? 0),
    // nothing heard is everything lost
    lostIn: all === 0 ? 1 : lost / all,
    roundTripMs: Math.round(Number(sent.get("pair")?.currentRoundTripTime ?? 0) * 1000),
  };
}

type Counters = Map<string, Record<string, unknown>>;

/** The browser's counters by their kind; of the pairs of addresses the one that is used. */
async function countersOf(peer: RTCPeerConnection): Promise<Counters> {
  const found: Counters = new Map();
  for (const each of (await peer.getStats()).values()) {
    found.set(each.type === "candidate-pair" && each.nominated === true ? "pair" : each.type, each);
  }
  return found;
}
