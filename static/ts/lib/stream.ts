import type { Entry } from "./entry";
import { Cutter, type Message } from "./sse";

export type StreamState = "waiting" | "live" | "degraded" | "closed";

export interface Listener {
  entry(entry: Entry): void;
  reset(): void;
  state(state: StreamState): void;
}

/** Times in milliseconds; the tests shorten them. */
export interface Pace {
  silence: number;
  poll: number;
  retry: number;
  longestRetry: number;
}

const PACE: Pace = { silence: 20_000, poll: 10_000, retry: 1000, longestRetry: 30_000 };
const GONE = [401, 403, 404];

/**
 * The one event stream of a browser (U10). It resumes after the last position it saw; after 20 s
 * without a byte it asks every 10 s instead, and goes on trying to get the stream back.
 */
export class Stream {
  readonly #base: string;
  readonly #listener: Listener;
  readonly #pace: Pace;
  #position: number | undefined;
  #state: StreamState = "waiting";
  #open: AbortController | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #polling: ReturnType<typeof setInterval> | undefined;
  #failures = 0;

  constructor(base: string, listener: Listener, pace: Partial<Pace> = {}) {
    this.#base = base;
    this.#listener = listener;
    this.#pace = { ...PACE, ...pace };
  }

  get state(): StreamState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#open !== undefined || this.#again !== undefined;
  }

  /** Begin after this position, unless a later one has been seen. */
  startAfter(position: number | undefined): void {
    if (position !== undefined && (this.#position ?? -1) < position) {
      this.#position = position;
    }
  }

  open(): void {
    this.close();
    this.#set("waiting");
    void this.#connect();
  }

  close(): void {
    this.#open?.abort();
    this.#open = undefined;
    clearTimeout(this.#watch);
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#stopPolling();
    this.#failures = 0;
  }

  #set(state: StreamState): void {
    if (state !== this.#state) {
      this.#state = state;
      this.#listener.state(state);
    }
  }

  async #connect(): Promise<void> {
    const open = new AbortController();
    this.#open = open;
    this.#again = undefined;
    this.#listen(open);
    try {
      const response = await fetch(`${this.#base}/api/events`, {
        headers: this.#headers(),
        cache: "no-store",
        credentials: "same-origin",
        signal: open.signal,
      });
      if (GONE.includes(response.status)) {
        this.close();
        this.#set("closed");
        return;
      }
      if (response.ok && response.body !== null) {
        await this.#read(response.body.getReader(), open);
      }
    } catch {
      // cut, refused or aborted: all end in another attempt
    }
    if (this.#open === open) {
      this.#retry();
    }
  }

  #headers(): Record<string, string> {
    const last = this.#position === undefined ? {} : { "Last-Event-ID": String(this.#position) };
    return { Accept: "text/event-stream", ...last };
  }

  async #read(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    open: AbortController,
  ): Promise<void> {
    const cutter = new Cutter();
    const decoder = new TextDecoder();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      this.#failures = 0;
      this.#stopPolling();
      this.#set("live");
      this.#listen(open);
      for (const message of cutter.take(decoder.decode(part.value, { stream: true }))) {
        this.#take(message);
      }
    }
  }

  /** Each byte buys another 20 s of trust. */
  #listen(open: AbortController): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      if (this.#open === open) {
        open.abort();
        this.#startPolling();
      }
    }, this.#pace.silence);
  }

  #retry(): void {
    const wait = Math.min(this.#pace.retry * 2 ** this.#failures, this.#pace.longestRetry);
    this.#failures += 1;
    this.#open = undefined;
    if (this.#failures > 2) {
      this.#startPolling();
    }
    this.#again = setTimeout(() => void this.#connect(), wait);
  }

  #startPolling(): void {
    this.#set("degraded");
    if (this.#polling === undefined) {
      this.#polling = setInterval(() => void this.#poll(), this.#pace.poll);
      void this.#poll();
    }
  }

  #stopPolling(): void {
    clearInterval(this.#polling);
    this.#polling = undefined;
  }

  async #poll(): Promise<void> {
    try {
      const since = this.#position === undefined ? "" : `?position=${this.#position}`;
      const response = await fetch(`${this.#base}/api/events/since${since}`, {
        cache: "no-store",
        credentials: "same-origin",
      });
      const body = response.ok ? await response.json() : { entries: [] };
      for (const entry of body.entries) {
        this.#pass(entry);
      }
      if (body.reset === true) {
        this.#position = undefined;
        this.#listener.reset();
      }
      this.startAfter(body.position);
    } catch {
      // unreachable: the next turn asks again
    }
  }

  #take(message: Message): void {
    const position = Number(message.id);
    if (message.event === "reset") {
      this.#position = undefined;
      this.#listener.reset();
    } else if (message.event === "entry") {
      this.#pass(JSON.parse(message.data));
    }
    this.startAfter(message.id !== "" && Number.isFinite(position) ? position : undefined);
  }

  /** The stream and the question may both tell an entry; readers hear it once. */
  #pass(entry: Entry): void {
    if (this.#position === undefined || entry.position > this.#position) {
      this.#position = entry.position;
      this.#listener.entry(entry);
    }
  }
}
