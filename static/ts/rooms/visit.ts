import { type Answer, send } from "../lib/api";
import { tellPresent } from "../lib/lock";
import { Call } from "./call";
import { DeviceCheck } from "./check";
import type { Ending } from "./endings";
import { hostOf, nameOf, type RoomFacts, readRoom } from "./facts";
import { Knocks } from "./knocks";
import type { Kind } from "./own_media";
import { type Member, seatsOf } from "./roster";
import { askServers } from "./servers";
import type { Stage } from "./stage";
import { Tiles } from "./tiles";

const ASKS_MS = 4000;

/** One person's visit to the room of a case: devices, the door, the call, and its end. */
export class Visit {
  readonly #stage: Stage;
  readonly #url: string;
  readonly #me: string;
  readonly #check: DeviceCheck;
  readonly #tiles: Tiles;
  readonly #knocks: Knocks;
  readonly #off = new Set<Kind>();
  readonly #timer: number;
  #facts: RoomFacts | undefined;
  #call: Call | undefined;
  #screen: MediaStreamTrack | undefined;

  constructor(stage: Stage, url: string, me: string) {
    this.#stage = stage;
    this.#url = url;
    this.#me = me;
    const places = {
      pictures: stage.all("video[data-own]") as HTMLVideoElement[],
      level: stage.one<HTMLMeterElement>("[data-level]"),
      choices: stage.all("select[data-kind]") as HTMLSelectElement[],
      says: stage.all("[data-of]"),
    };
    this.#check = new DeviceCheck(places, (kind) => this.#changed(kind), tellPresent);
    this.#tiles = new Tiles(stage.one("[data-tiles]"), stage.one("template[data-tile]"));
    this.#knocks = new Knocks(stage.one("[data-knocks]"), stage.one("template[data-knock]"), url);
    for (const select of places.choices) {
      select.addEventListener("change", () => void this.#choose(select));
    }
    this.#timer = window.setInterval(() => this.#ask(), ASKS_MS);
  }

  /** Look at the devices and at the door. */
  async begin(): Promise<void> {
    this.#off.clear();
    this.#stage.turn("check");
    this.#stage.press("microphone", false);
    await Promise.all([this.refresh(), this.#check.begin()]);
  }

  /** Call, or ask to be let in, or go in: whatever the door wants. */
  async enter(): Promise<void> {
    this.#stage.say("said", "");
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
    this.#knocks.show(isHost && this.#stage.phase === "call" ? facts : undefined);
    this.#tiles.name((person) => nameOf(facts, person));
    if (this.#stage.phase === "waiting") {
      await this.#answered(facts);
    }
  }

  /** Mute, or speak again. */
  async microphone(): Promise<void> {
    const isOff = !this.#off.has("microphone");
    const track = this.#check.media.tracks.get("microphone");
    if (isOff) {
      this.#off.add("microphone");
    } else {
      this.#off.delete("microphone");
    }
    if (track === undefined && !isOff) {
      await this.#check.media.open("microphone");
    } else if (track !== undefined) {
      track.enabled = !isOff;
    }
    this.#changed("microphone");
  }

  /** The camera is shut, or opened again; its light follows. */
  async camera(): Promise<void> {
    if (this.#check.media.tracks.has("camera")) {
      this.#check.media.close("camera");
    } else {
      await this.#check.media.open("camera");
    }
  }

  async screen(): Promise<void> {
    if (this.#screen !== undefined) {
      this.#screen.stop();
      await this.#share(undefined);
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: 15 } });
      await this.#share(stream.getVideoTracks()[0]);
    } catch {
      this.#stage.say("said", "no-screen");
    }
  }

  /** Sound alone, or pictures again. */
  sound(isAlone: boolean): void {
    this.#call?.choose(isAlone ? "sound" : "video");
    this.#stage.say("rung", isAlone ? "sound" : "video");
    this.#stage.press("sound", isAlone);
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
    this.#screen?.stop();
    this.#check.close();
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
    this.#stage.say("line", "connecting");
    this.sound(false);
    const servers = await askServers();
    const call = new Call({ url: this.#url, me: this.#me, servers }, this.#hears());
    this.#call = call;
    call.enter();
    for (const kind of ["camera", "microphone"] as const) {
      this.#changed(kind);
    }
    await this.refresh();
  }

  #hears(): ConstructorParameters<typeof Call>[1] {
    return {
      entered: () => this.#stage.say("line", "waiting"),
      cut: () => this.#stage.say("line", "cut"),
      people: (people) => this.#seat(people),
      received: (received) => this.#tiles.receive(received),
      line: (line, rung) => {
        this.#stage.say("line", line);
        this.#stage.say("rung", rung);
        this.#stage.press("sound", rung === "sound");
      },
      ended: (why) => this.#over(why),
      mayComeAgain: () => this.#mayComeAgain(),
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

  async #mayComeAgain(): Promise<Ending> {
    const facts = await readRoom(this.#url);
    if (facts === undefined) {
      return "again";
    }
    if (facts.open_room_id === null) {
      return "over";
    }
    return facts.role === null ? "out" : "again";
  }

  #over(why: Ending | "left"): void {
    this.#call = undefined;
    this.#screen?.stop();
    this.#screen = undefined;
    this.#check.close();
    this.#tiles.clear();
    this.#knocks.show(undefined);
    this.#stage.turn("over");
    this.#stage.say("ended", why);
  }

  async #choose(select: HTMLSelectElement): Promise<void> {
    const kind = select.dataset.kind as Kind;
    if (select.value === "") {
      this.#check.media.close(kind);
    } else {
      await this.#check.media.open(kind, select.value);
    }
  }

  /** What is sent follows what there is, and what was switched off. */
  #changed(kind: Kind): void {
    const track = this.#off.has(kind) ? undefined : this.#check.media.tracks.get(kind);
    this.#stage.press(kind, track === undefined);
    void this.#call?.set(kind, track);
  }

  async #share(track: MediaStreamTrack | undefined): Promise<void> {
    this.#screen = track;
    if (track !== undefined) {
      track.onended = (): void => {
        void this.#share(undefined);
      };
    }
    this.#stage.press("screen", track !== undefined);
    await this.#call?.set("screen", track);
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
