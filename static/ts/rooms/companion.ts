import type { Ending } from "./endings";
import { mayComeAgain } from "./facts";
import { RoomLine, type Told } from "./line";
import { isKnown, type Member } from "./roster";
import { Sender } from "./sender";
import { askServers } from "./servers";

const SIZE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };

/** What a telephone's page hears of its part in a call. */
interface CompanionHears {
  shown(): void;
  cut(): void;
  ended(why: Ending): void;
}

/** A telephone as a second camera of somebody in the call: it sends a picture and receives nothing. */
export class Companion {
  readonly #url: string;
  readonly #name: string;
  readonly #hears: CompanionHears;
  #line: RoomLine | undefined;
  #sender: Sender | undefined;
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
    const servers = await askServers(`${this.#url}/relay`);
    const say = (message: Record<string, unknown>): void => this.#line?.say(message);
    this.#sender = new Sender(say, servers);
    this.#line = new RoomLine(`${this.#url}/line`, {
      told: (message) => this.#told(message),
      cut: () => this.#hears.cut(),
      ended: (why) => {
        this.close();
        this.#hears.ended(why);
      },
      mayComeAgain: () => mayComeAgain(this.#url),
    });
    await this.#sender.set("camera", this.#track);
    this.#line.open();
  }

  leave(): void {
    this.#line?.leave();
    this.close();
  }

  /** The camera's light goes out. */
  close(): void {
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
      await sender.resume(isKnown(message.people as Member[], this.#name, sender.sending));
    } else if (message.told === "published") {
      await sender.published(String(message.answer));
      this.#hears.shown();
    } else if (message.told === "refused" && message.say === "publish") {
      sender.refused();
    }
  }
}
