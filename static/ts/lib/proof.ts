/** What the small window of the identity provider tells the page that waits for it. */
const CHANNEL = "lianzhen-proved";

/** The session's token, and which attempt it answers: every page of every tab hears it. */
export interface Proof {
  token: string;
  attempt: string;
}

export function tellProved(proof: Proof): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(proof);
  channel.close();
}

export function onProved(signal: AbortSignal, hear: (proof: Proof) => void): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Proof>) => hear(data);
  signal.addEventListener("abort", () => channel.close());
}
