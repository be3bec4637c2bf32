import { sentenceOf } from "./endings";
import { mayComeAgain } from "./facts";
import { RoomLine, type Told } from "./line";
import { Pulse } from "./pulse";
import { Relay } from "./relay";
import { isKnown, type Member } from "./roster";
import { Sender } from "./sender";

const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };

/** What a telephone's page hears of its part in a call. */
interface CompanionHears {
  shown(): void;
  cut(): void;
  /** `said`: which sentence says why */
  ended(said: string): void;
}

/** A telephone as a second camera of somebody in the call: it sends a picture and receives nothing. */
export class Companion {
  readonly #url: string;
  readonly #name: string;
  readonly #hears: CompanionHears;
  #line: RoomLine | undefined;
  #sender: Sender | undefined;
  #relay: Relay | undefined;
  #pulse: Pulse | undefined;
  #track: MediaStreamTrack | undefined;
  #facing = "environment";

  constructor(url: string, person: string, hears: CompanionHears) {
    this.#url = url;
    this.#name = `${person}/companion`;
    this.#hears = hears;
  }

  /** The camera on the telephone's back, where it has one; raises what the browser raises. */
  async open(): Promise<MediaStream> {
    const video = { ...SIZE, facingMode: { ideal: this.#facing } };
    this.#track?.stop();
    const stream = await navigator.mediaDevices.getUserMedia({ video });
    this.#track = stream.getVideoTracks()[0];
    await this.#sender?.set("camera", this.#track);
    return stream;
  }

  /** The camera that looks the other way. */
  async turn(): Promise<MediaStream> {
    this.#facing = this.#facing === "environment" ? "user" : "environment";
    return await this.open();
  }

  async enter(): Promise<void> {
    const relay = new Relay(`${this.#url}/relay`);
    await relay.ask();
    const say = (message: Record<string, unknown>): void => this.#line?.say(message);
    const sender = new Sender(say, relay);
    this.#sender = sender;
    this.#line = new RoomLine(`${this.#url}/line`, {
      told: (message) => this.#told(message),
      cut: () => this.#hears.cut(),
      ended: (why, code) => {
        this.close();
        this.#hears.ended(why === "refused" ? sentenceOf(why, code) : "ended");
      },
      mayComeAgain: () => mayComeAgain(this.#url),
    });
    const mayAct = (): boolean => this.#line?.stands === true;
    this.#relay = relay;
    this.#pulse = new Pulse(sender, mayAct, async () => {
      await relay.keep();
      await sender.restart();
    });
    await sender.set("camera", this.#track);
    this.#line.open();
    this.#pulse.begin();
  }

  leave(): void {
    this.#line?.leave();
    this.close();
  }

  /** The camera's light goes out. */
  close(): void {
    this.#pulse?.stop();
    this.#sender?.close();
    this.#track?.stop();
    this.#track = undefined;
  }

  async #told(message: Told): Promise<void> {
    const sender = this.#sender;
    if (sender === undefined) {
      return;
    }
    if (message.told === "welcome") {
      await this.#relay?.keep();
      await sender.resume(isKnown(message.people as Member[], this.#name, sender.sending));
    } else if (message.told === "published") {
      await sender.published(String(message.answer));
      this.#hears.shown();
    } else if (message.told === "refused" && message.say === "publish") {
      sender.refused();
    }
  }
}
