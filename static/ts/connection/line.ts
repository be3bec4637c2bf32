import { under } from "../lib/place";

const OPENS_MS = 8000;

/** A message of the server; its word is in `told`. */
export type Told = Record<string, unknown>;

/** The WebSocket of one test; what comes is kept until somebody asks for it. */
export class TestLine {
  readonly #socket: WebSocket;
  readonly #came: Told[] = [];
  #wake: () => void = () => undefined;
  #ended = false;

  constructor() {
    // the scheme of a WebSocket is told outright: Chromium 109 takes no other
    const { host, protocol } = window.location;
    const scheme = protocol === "https:" ? "wss" : "ws";
    this.#socket = new WebSocket(`${scheme}://${host}${under("/api/connection/line")}`);
    this.#socket.onmessage = ({ data }): void => {
      this.#came.push(JSON.parse(String(data)) as Told);
      this.#wake();
    };
    this.#socket.onclose = (): void => {
      this.#ended = true;
      this.#wake();
    };
  }

  /** Whether there is a room behind it: open, off, away, busy; undefined where the line is cut. */
  async ready(): Promise<string | undefined> {
    return (await this.hear("ready", OPENS_MS))?.room as string | undefined;
  }

  /** The next message of this kind, or nothing when time or line has ended. */
  async hear(kind: string, withinMs: number): Promise<Told | undefined> {
    const until = performance.now() + withinMs;
    for (;;) {
      const place = this.#came.findIndex(({ told }) => told === kind);
      if (place >= 0) {
        return this.#came.splice(place, 1)[0];
      }
      const left = until - performance.now();
      if (this.#ended || left <= 0) {
        return undefined;
      }
      await new Promise<void>((wake) => {
        this.#wake = wake;
        window.setTimeout(wake, left);
      });
    }
  }

  say(message: Told): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  close(): void {
    this.#socket.close();
  }
}
