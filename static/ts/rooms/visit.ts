import { type Answer, send } from "../lib/api";
import { Call } from "./call";
import { type Ending, sentenceOf } from "./endings";
import { hostOf, mayComeAgain, nameOf, type RoomFacts, readRoom } from "./facts";
import { Knocks } from "./knocks";
import { Relay } from "./relay";
import { Ringing } from "./ringing";
import { type Member, seatsOf } from "./roster";
import type { Stage } from "./stage";
import { Switches } from "./switches";
import { Tiles } from "./tiles";
import { Together } from "./together/together";

const ASKS_MS = 4000;

/** One person's visit to the room of a case: devices, the door, the call, and its end. */
export class Visit {
  readonly #stage: Stage;
  readonly #url: string;
  readonly #me: string;
  readonly #relay: string;
  readonly #switches: Switches;
  readonly #tiles: Tiles;
  readonly #knocks: Knocks;
  readonly #together: Together | undefined;
  readonly #ringing: Ringing;
  readonly #timer: number;
  #facts: RoomFacts | undefined;
  #call: Call | undefined;

  constructor(stage: Stage, url: string, me: string, relay: string) {
    this.#stage = stage;
    this.#url = url;
    this.#me = me;
    this.#relay = relay;
    this.#switches = new Switches(stage, (source, track) => this.#call?.set(source, track));
    this.#tiles = new Tiles(stage.one("[data-tiles]"), stage.one("template[data-tile]"));
    this.#knocks = new Knocks(stage.one("[data-knocks]"), stage.one("template[data-knock]"), url);
    this.#together = Together.on(stage, {
      me,
      say: (message) => this.#call?.say(message),
      named: (person) => nameOf(this.#facts, person).name,
    });
    this.#ringing = new Ringing(stage.one("[data-ringing]"));
    this.#timer = window.setInterval(() => this.#ask(), ASKS_MS);
  }

  /** Look at the devices and at the door. */
  async begin(): Promise<void> {
    this.#stage.turn("check");
    await Promise.all([this.refresh(), this.#switches.begin()]);
  }

  /** Call, or ask to be let in, or go in: whatever the door wants. */
  async enter(): Promise<void> {
    this.#stage.say("said", "");
    this.#together?.prepare();
    await this.refresh();
    if (this.#facts?.open_room_id === null && this.#facts.may_call) {
      if (!this.#went(await send(this.#url, { body: {} }))) {
        return;
      }
      await this.refresh();
    }
    await this.#pass();
  }

  /** Something has happened to the room: ask what, and show it. */
  async refresh(): Promise<void> {
    const facts = await readRoom(this.#url);
    if (facts === undefined) {
      return;
    }
    this.#facts = facts;
    const { role, may_call, open_room_id } = facts;
    const isHost = role === "host";
    const door = role === null ? "knock" : "join";
    this.#stage.say("door", open_room_id === null ? (may_call ? "call" : "nobody") : door);
    this.#stage.show("[data-host]", isHost || may_call);
    const caller = nameOf(facts, hostOf(facts));
    this.#stage.fill("caller", [caller.name, caller.place].filter(Boolean).join(" · "));
    const isHosting = isHost && this.#stage.phase === "call";
    this.#knocks.show(isHosting ? facts : undefined);
    this.#ringing.show(isHosting ? facts : undefined);
    this.#tiles.name((person) => nameOf(facts, person));
    if (this.#stage.phase === "waiting") {
      await this.#answered(facts);
    }
  }

  /** Mute, or speak again. */
  microphone(): Promise<void> {
    return this.#switches.microphone();
  }

  /** The camera is shut, or opened again; its light follows. */
  camera(): Promise<void> {
    return this.#switches.camera();
  }

  /** The screen is shown, or no more. */
  screen(): Promise<void> {
    return this.#switches.screen();
  }

  /** Sound alone, or pictures again. */
  sound(isAlone: boolean): void {
    this.#call?.choose(isAlone ? "sound" : "video");
    this.#stage.say("rung", isAlone ? "sound" : "video");
    this.#stage.press("sound", isAlone);
  }

  /** Ring the other side in order again. */
  async ring(): Promise<void> {
    if (this.#went(await send(`${this.#url}/ring`, { body: {} }))) {
      await this.refresh();
    }
  }

  leave(): void {
    this.#call?.leave();
    this.#over("left");
  }

  async end(): Promise<void> {
    if (this.#went(await send(`${this.#url}/end`, { body: {} }))) {
      this.#call?.leave();
      this.#over("over");
    }
  }

  /** The page goes, or nobody may see it: nothing of this device is heard any more. */
  close(): void {
    window.clearInterval(this.#timer);
    this.#call?.leave();
    this.#call = undefined;
    this.#together?.end();
    this.#switches.leave();
  }

  /** The screen is locked: whoever unlocks it joins again. */
  cover(): void {
    if (this.#stage.phase === "call") {
      this.leave();
    }
  }

  async #pass(): Promise<void> {
    if (this.#facts === undefined || this.#facts.open_room_id === null) {
      this.#stage.say("said", this.#facts === undefined ? "unreachable" : "nobody");
    } else if (this.#facts.role !== null) {
      await this.#join();
    } else if (this.#went(await send(`${this.#url}/knock`, { body: {} }))) {
      this.#stage.turn("waiting");
      await this.refresh();
    }
  }

  #ask(): void {
    if (this.#stage.phase === "waiting") {
      void this.refresh();
    }
  }

  async #answered(facts: RoomFacts): Promise<void> {
    if (facts.role !== null) {
      await this.#join();
    } else if (facts.open_room_id === null || facts.own_knock?.state === "turned_away") {
      this.#stage.turn("check");
      this.#stage.say("said", facts.open_room_id === null ? "nobody" : "turned-away");
    }
  }

  async #join(): Promise<void> {
    if (this.#call !== undefined) {
      return;
    }
    this.#stage.turn("call");
    this.#stage.say("said", "");
    this.#stage.say("cut", "");
    this.#stage.say("line", "connecting");
    this.sound(false);
    const relay = new Relay(this.#relay);
    await relay.ask();
    const call = new Call({ url: this.#url, me: this.#me, relay }, this.#hears());
    this.#call = call;
    call.enter();
    this.#switches.give();
    await this.refresh();
  }

  #hears(): ConstructorParameters<typeof Call>[1] {
    return {
      entered: () => {
        this.#stage.say("cut", "");
        this.#stage.say("line", "waiting");
      },
      cut: (isHeard) => this.#stage.say("cut", isHeard ? "talking" : "silent"),
      people: (people) => this.#seat(people),
      received: (received) => this.#tiles.receive(received),
      speak: (persons) => this.#tiles.speak(persons),
      told: (message) => {
        this.#together?.told(message);
        window.dispatchEvent(new CustomEvent("room:told", { detail: message }));
      },
      line: (line, said) => {
        this.#stage.say("line", line);
        this.#stage.say("rung", said);
        this.#stage.press("sound", said === "sound");
      },
      ended: (why, code) => this.#over(why, code),
      mayComeAgain: () => mayComeAgain(this.#url),
    };
  }

  #seat(people: Member[]): void {
    const seats = seatsOf(people, this.#me);
    this.#stage.show("[data-alone]", seats.length === 0);
    this.#tiles.seat(seats);
    this.#tiles.name((person) => nameOf(this.#facts, person));
    if (seats.some(({ person }) => nameOf(this.#facts, person).name === "")) {
      void this.refresh();
    }
  }

  #over(why: Ending | "left", code = ""): void {
    this.#call = undefined;
    this.#switches.end();
    this.#tiles.clear();
    this.#knocks.show(undefined);
    this.#together?.end();
    this.#ringing.show(undefined);
    this.#stage.turn("over");
    this.#stage.say("ended", sentenceOf(why, code));
  }

  /** Whether it was done; else the server's own sentence stands there. */
  #went(answer: Answer): boolean {
    if (answer.kind === "problem") {
      this.#stage.fill("problem", answer.problem.detail);
      this.#stage.say("said", "problem");
    } else if (answer.kind === "unreachable") {
      this.#stage.say("said", "unreachable");
    }
    return answer.kind === "done";
  }
}
