import { send } from "../lib/api";

const WAITS_MS = 3000;
const TRIES_AGAIN_MS = 30_000;
const SOON_SHARE = 0.9;

interface RelayAnswer {
  urls: string[];
  username: string;
  credential: string;
  life_s: number;
  trouble: boolean;
}

/** The relay of this installation, by a name that is asked for again before its time is over. */
export class Relay {
  readonly #url: string;
  #servers: RTCIceServer[] = [];
  #asksAtMs = 0;
  #endsAtMs = 0;
  #asking: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** None where no relay is set, or it cannot be had now. */
  get servers(): RTCIceServer[] {
    return this.#servers;
  }

  /** Have a name; one that cannot be had now is asked for again by `keep`. */
  async ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  /** Before a connection is made, and now and then: a name that is over is waited for, some seconds at most. */
  async keep(): Promise<void> {
    const now = Date.now();
    if (now < this.#asksAtMs) {
      return;
    }
    const asked = this.ask();
    if (now >= this.#endsAtMs) {
      await Promise.race([asked, new Promise((go) => window.setTimeout(go, WAITS_MS))]);
    }
  }

  async #ask(): Promise<void> {
    const now = Date.now();
    const answer = await send(this.#url, { body: {} });
    const told = answer.kind === "done" ? (answer.data as unknown as RelayAnswer) : undefined;
    if (told === undefined || told.trouble) {
      this.#asksAtMs = now + TRIES_AGAIN_MS;
      return;
    }
    const { urls, username, credential, life_s } = told;
    const lifeMs = urls.length === 0 ? Number.POSITIVE_INFINITY : life_s * 1000;
    this.#servers = urls.length === 0 ? [] : [{ urls, username, credential }];
    this.#asksAtMs = now + lifeMs * SOON_SHARE;
    this.#endsAtMs = now + lifeMs;
  }
}
