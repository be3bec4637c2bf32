import { under } from "../lib/place";
import { type Ending, endingOf, waitBefore } from "./endings";
import { Patience } from "./patience";

const OPENS_MS = 3000;
const ASKS_MS = 500;
/** Deaf for a second and a half at first, for up to six where that was too soon within two minutes. */
const DEAF = [3, 12, 240] as const;

/** A message of the room; its word is in `told`. */
export type Told = Record<string, unknown> & { told: string };

/** What a line tells of: every message in its order, that it is cut, and that it is over. */
interface Hears {
  told(message: Told): Promise<void>;
  cut(): void;
  ended(why: Ending, code: string): void;
  /** whether there is still a room in which this person may be */
  mayComeAgain(): Promise<Ending>;
}

/** The WebSocket into a room, which comes again by itself until it is over. */
export class RoomLine {
  readonly #path: string;
  readonly #hears: Hears;
  readonly #patience = new Patience(...DEAF);
  #socket: WebSocket | undefined;
  #failures = 0;
  #timer = 0;
  #asking = 0;
  #isAwaiting = false;
  #stands = false;
  #isAsked = false;
  #last = "";
  #refusal = "";
  #isOver = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(path: string, hears: Hears) {
    this.#path = path;
    this.#hears = hears;
    window.addEventListener("online", this.renew);
  }

  /** Whether the room has said welcome by it, and it is not known to be cut. */
  get stands(): boolean {
    return this.#stands;
  }

  open(): void {
    // the scheme of a WebSocket is told outright: Chromium 109 takes no other
    const { host, protocol } = window.location;
    const scheme = protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${host}${under(this.#path)}`);
    this.#socket = socket;
    this.#timer = window.setTimeout(() => this.#close(socket), OPENS_MS);
    socket.onmessage = ({ data }): void => {
      if (socket === this.#socket) {
        this.#take(JSON.parse(String(data)) as Told);
      }
    };
    socket.onclose = ({ code }): void => this.#closed(socket, code);
  }

  say(message: Record<string, unknown>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /** Give this WebSocket up for another one: it may be dead without knowing it. */
  renew = (): void => {
    if (this.#socket !== undefined && !this.#isOver) {
      this.#close(this.#socket);
    }
  };

  /** Go, and do not come again. */
  leave(): void {
    this.say({ say: "leave" });
    this.#end();
    this.#socket?.close();
  }

  /** A WebSocket without an answering side takes its time to close: nobody waits for that. */
  #close(socket: WebSocket): void {
    socket.close();
    this.#closed(socket, 0);
  }

  /** A cut line says nothing of itself: from its welcome on the server is asked whether it is there. */
  #welcomed(): void {
    this.#failures = 0;
    this.#stands = true;
    window.clearInterval(this.#asking);
    this.#isAwaiting = false;
    this.#patience.begin();
    this.#asking = window.setInterval(() => this.#listen(), ASKS_MS);
  }

  #listen(): void {
    if (this.#patience.look(this.#isAwaiting)) {
      this.#patience.giveUp();
      this.renew();
    } else if (!this.#isAwaiting) {
      this.#isAwaiting = true;
      this.say({ say: "here" });
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#stands = false;
    window.clearInterval(this.#asking);
    window.clearTimeout(this.#timer);
    window.removeEventListener("online", this.renew);
  }

  #take(message: Told): void {
    this.#isAwaiting = false;
    window.clearTimeout(this.#timer);
    if (message.told === "here") {
      return;
    }
    this.#last = message.told;
    if (message.told === "welcome") {
      this.#welcomed();
    }
    this.#refusal = message.told === "refused" ? String(message.code) : "";
    this.#queue = this.#queue.then(() => this.#hears.told(message)).catch(() => undefined);
  }

  #closed(socket: WebSocket, code: number): void {
    if (socket !== this.#socket || this.#isOver) {
      return;
    }
    window.clearTimeout(this.#timer);
    window.clearInterval(this.#asking);
    this.#socket = undefined;
    this.#stands = false;
    const why = endingOf(code, this.#last);
    if (why !== "again") {
      this.#end();
      this.#hears.ended(why, this.#refusal);
      return;
    }
    this.#hears.cut();
    const wait = waitBefore(this.#failures, Math.random());
    this.#failures += 1;
    this.#timer = window.setTimeout(() => this.open(), wait);
    if (this.#failures > 1) {
      void this.#ask();
    }
  }

  /** A refused WebSocket does not say why: the server is asked beside each further try. */
  async #ask(): Promise<void> {
    if (this.#isAsked) {
      return;
    }
    this.#isAsked = true;
    const why = await this.#hears.mayComeAgain();
    this.#isAsked = false;
    if (why !== "again" && !this.#isOver) {
      this.#end();
      this.#socket?.close();
      this.#hears.ended(why, "");
    }
  }
}
