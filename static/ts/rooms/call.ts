import { send } from "../lib/api";
import { Counters } from "./counters";
import type { Ending } from "./endings";
import { Ladder, type Line, lineOf, type Said } from "./ladder";
import { RoomLine, type Told } from "./line";
import { Pulse } from "./pulse";
import { type Received, Receiver } from "./receiver";
import type { Relay } from "./relay";
import { awaited, isKnown, type Member } from "./roster";
import { Sender, type Source } from "./sender";
import { Speakers } from "./speakers";

const LOOKS_MS = 2000;
const SAMPLES_MS = 11_000;
const FIRST = "first";

/** Where a call is held, and by whom. */
export interface CallPlace {
  /** the room's API, without a query */
  url: string;
  me: string;
  relay: Relay;
}

/** What the page hears of a call. */
export interface CallHears {
  entered(): void;
  /** the line to the server; media have one of their own, and may still be heard */
  cut(isHeard: boolean): void;
  people(people: Member[]): void;
  told(message: Told): void;
  received(received: Received[]): void;
  speak(persons: Set<string>): void;
  line(line: Line, said: Said): void;
  ended(why: Ending, code: string): void;
  mayComeAgain(): Promise<Ending>;
}

/** One's own part in a call: the line, what is sent, what comes, and how well. */
export class Call {
  readonly #place: CallPlace;
  readonly #hears: CallHears;
  readonly #line: RoomLine;
  readonly #sender: Sender;
  readonly #receiver: Receiver;
  readonly #pulses: readonly Pulse[];
  readonly #speakers: Speakers;
  readonly #ladder = new Ladder();
  readonly #counters = new Counters();
  #people: Member[] = [];
  #looking = 0;
  #toldAt = 0;
  #isCut = false;
  #quality: Line = "waiting";

  constructor(place: CallPlace, hears: CallHears) {
    this.#place = place;
    this.#hears = hears;
    const say = (message: Record<string, unknown>): void => this.#line.say(message);
    this.#sender = new Sender(say, place.relay);
    this.#receiver = new Receiver(say, place.relay, (received) => hears.received(received));
    const mayAct = (): boolean => this.#line.stands;
    this.#pulses = [
      new Pulse(this.#sender, mayAct, () => this.#renew(() => this.#sender.restart())),
      new Pulse(this.#receiver, mayAct, () => this.#renew(() => this.#receiver.again())),
    ];
    this.#speakers = new Speakers(this.#receiver, (persons) => hears.speak(persons));
    this.#line = new RoomLine(`${place.url}/line`, {
      told: (message) => this.#told(message),
      cut: () => {
        this.#isCut = true;
        this.#tellCut();
      },
      ended: (why, code) => {
        this.#stop();
        hears.ended(why, code);
      },
      mayComeAgain: () => hears.mayComeAgain(),
    });
  }

  /** Go in; what is sent is said before. */
  enter(): void {
    this.#line.open();
    this.#speakers.begin();
    for (const each of this.#pulses) {
      each.begin();
    }
    this.#looking = window.setInterval(() => void this.#look(), LOOKS_MS);
  }

  async set(source: Source, track: MediaStreamTrack | undefined): Promise<void> {
    await this.#sender.set(source, track);
  }

  /** Somebody chose pictures or sound alone. */
  choose(rung: "video" | "sound"): void {
    this.#ladder.choose(rung);
    this.#receiver.take(rung === "video");
  }

  say(message: Record<string, unknown>): void {
    this.#line.say(message);
  }

  leave(): void {
    this.#line.leave();
    this.#stop();
  }

  #stop(): void {
    window.clearInterval(this.#looking);
    this.#speakers.stop();
    for (const each of this.#pulses) {
      each.stop();
    }
    this.#sender.close();
    this.#receiver.close();
  }

  /** By a name for the relay that is still good. */
  async #renew(make: () => Promise<void> | void): Promise<void> {
    await this.#place.relay.keep();
    await make();
  }

  async #told(message: Told): Promise<void> {
    this.#hears.told(message);
    if (message.told === "welcome") {
      await this.#welcome(message.people as Member[]);
    } else if (message.told === "people") {
      this.#know(message.people as Member[]);
    } else if (message.told === "published") {
      await this.#sender.published(String(message.answer));
    } else if (message.told === "offer" && window.RTCPeerConnection !== undefined) {
      await this.#receiver.offered(message);
    } else if (message.told === "refused" && message.say === "publish") {
      this.#sender.refused();
    } else if (message.told === "rate") {
      this.#ladder.isLowered = message.is_lowered === true;
      this.#hears.line(this.#quality, this.#ladder.said);
    } else if (message.told === "sound") {
      this.#ladder.fall();
      this.#receiver.take(false);
      this.#hears.line(this.#quality, this.#ladder.said);
    }
  }

  async #welcome(people: Member[]): Promise<void> {
    this.#know(people);
    this.#ladder.isLowered = false;
    await this.#place.relay.keep();
    const own = `${this.#place.me}/${FIRST}`;
    await this.#sender.resume(isKnown(people, own, this.#sender.sending));
    const comes = this.#receiver.names.join();
    if (this.#receiver.peer !== undefined && comes !== this.#awaited().join()) {
      this.#receiver.again();
    }
    // the room may have taken pictures away, and this line not have heard of it
    this.#receiver.take(this.#ladder.takesVideo);
    this.#isCut = false;
    this.#hears.entered();
  }

  #tellCut(): void {
    if (this.#isCut) {
      this.#hears.cut(!["none", "waiting"].includes(this.#quality));
    }
  }

  #know(people: Member[]): void {
    this.#people = people;
    this.#hears.people(people);
  }

  #awaited(): string[] {
    return awaited(this.#people, this.#place.me, this.#ladder.takesVideo);
  }

  async #look(): Promise<void> {
    void this.#place.relay.keep();
    const stretch = await this.#counters.look(this.#receiver.peer, this.#awaited().length > 0);
    const before = this.#ladder.rung;
    const rung = this.#ladder.take(stretch);
    if (before === "video" && rung === "sound") {
      this.#receiver.take(false);
    } else if (this.#ladder.isCalm) {
      this.#ladder.climb();
      this.#receiver.take(true);
    }
    this.#quality = lineOf(stretch);
    this.#tellCut();
    this.#hears.line(this.#quality, this.#ladder.said);
    if (stretch.arrives === true && Date.now() - this.#toldAt >= SAMPLES_MS) {
      this.#toldAt = Date.now();
      await send(`${this.#place.url}/sample`, { body: this.#counters.sample(stretch) });
    }
  }
}
