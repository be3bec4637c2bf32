/** What the small window of the identity provider tells the page that waits for it. */
const CHANNEL = "lianzhen-proved";

interface Proof {
  token: string;
}

export function tellProved(token: string): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ token } satisfies Proof);
  channel.close();
}

export function onProved(signal: AbortSignal, hear: (token: string) => void): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<Proof>) => hear(data.token);
  signal.addEventListener("abort", () => channel.close());
}
