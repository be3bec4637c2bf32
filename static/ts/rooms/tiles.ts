import type { Named } from "./facts";
import type { Received } from "./receiver";
import type { Seat } from "./roster";

/** A second device of a person, as the room names it */
const SECOND = "/companion";
const SOUNDS = ["microphone", "screen-sound"];

function play(place: HTMLMediaElement | null, tracks: MediaStreamTrack[]): void {
  if (place === null) {
    return;
  }
  const now = place.srcObject instanceof MediaStream ? place.srcObject.getTracks() : [];
  if (now.length === tracks.length && tracks.every((each) => now.includes(each))) {
    return;
  }
  place.srcObject = tracks.length === 0 ? null : new MediaStream(tracks);
  if (tracks.length > 0) {
    void place.play().catch(() => undefined);
  }
}

function show(tile: Element, part: string, isShown: boolean): void {
  for (const each of tile.querySelectorAll<HTMLElement>(`[data-part="${part}"]`)) {
    each.hidden = !isShown;
  }
}

/** Whose tile it is, and whether it shows the person or what she shows of her screen. */
interface Face {
  key: string;
  seat: Seat;
  shows: "camera" | "screen";
}

function facesOf(seats: Seat[]): Face[] {
  return seats.flatMap((seat): Face[] => {
    const own: Face = { key: seat.person, seat, shows: "camera" };
    const screen: Face = { key: `${seat.person} screen`, seat, shows: "screen" };
    return seat.isShowing ? [screen, own] : [own];
  });
}

/** The others in the room, a tile each; what is shown from a screen has one of its own. */
export class Tiles {
  readonly #place: HTMLElement;
  readonly #template: HTMLTemplateElement;
  #received: Received[] = [];
  #seats: Seat[] = [];

  constructor(place: HTMLElement, template: HTMLTemplateElement) {
    this.#place = place;
    this.#template = template;
  }

  receive(received: Received[]): void {
    this.#received = received;
    this.#draw();
  }

  seat(seats: Seat[]): void {
    this.#seats = seats;
    this.#draw();
  }

  /** Names as the server has them. */
  name(named: (person: string) => Named): void {
    for (const tile of this.#tiles()) {
      const { name, place } = named(tile.dataset.person ?? "");
      const [who, where] = ["name", "place"].map((part) =>
        tile.querySelector(`[data-part="${part}"]`),
      );
      if (who && where) {
        who.textContent = name;
        where.textContent = place;
      }
    }
  }

  /** Who is heard at this moment. */
  speak(persons: Set<string>): void {
    for (const tile of this.#tiles()) {
      const { person, shows } = tile.dataset;
      const speaks = shows === "camera" && persons.has(person ?? "");
      tile.classList.toggle("is-speaking", speaks);
      show(tile, "speaks", speaks);
    }
  }

  clear(): void {
    this.#seats = [];
    this.#received = [];
    this.#draw();
  }

  #tiles(): HTMLElement[] {
    return [...this.#place.querySelectorAll<HTMLElement>("[data-person]")];
  }

  #draw(): void {
    const faces = facesOf(this.#seats);
    for (const tile of this.#tiles()) {
      if (!faces.some(({ key }) => key === tile.dataset.face)) {
        tile.querySelectorAll<HTMLMediaElement>("video, audio").forEach((each) => {
          each.srcObject = null;
        });
        tile.remove();
      }
    }
    for (const face of faces) {
      this.#fill(this.#tileOf(face), face);
    }
    this.#place.dataset.count = String(Math.min(this.#seats.length, 5));
    this.#place.classList.toggle("has-screen", faces.length > this.#seats.length);
  }

  #tileOf({ key, seat, shows }: Face): HTMLElement {
    const known = this.#tiles().find((tile) => tile.dataset.face === key);
    if (known !== undefined) {
      return known;
    }
    const made = this.#template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    Object.assign(made.dataset, { face: key, person: seat.person, shows });
    this.#place.append(made);
    return made;
  }

  #fill(tile: HTMLElement, { seat, shows }: Face): void {
    const own = this.#received.filter(
      ({ participant }) => participant.slice(0, participant.lastIndexOf("/")) === seat.person,
    );
    const of = (sources: string[]): MediaStreamTrack[] =>
      own.filter(({ source }) => sources.includes(source)).map(({ track }) => track);
    const isScreen = shows === "screen";
    const phone = own
      .filter(({ participant, source }) => participant.endsWith(SECOND) && source === "camera")
      .map(({ track }) => track);
    const pictures = of([shows]).filter((each) => !phone.includes(each));
    const main = (isScreen ? pictures : [...pictures, ...phone]).slice(0, 1);
    const second = isScreen ? [] : phone.filter((each) => !main.includes(each)).slice(0, 1);
    play(tile.querySelector("video"), main);
    play(tile.querySelector<HTMLVideoElement>("[data-second]"), second);
    tile.classList.toggle("has-second", second.length > 0);
    play(tile.querySelector("audio"), isScreen ? [] : of(SOUNDS));
    show(tile, "dark", seat.isDark && !isScreen);
    show(tile, "unseen", main.length === 0 && (!seat.isDark || isScreen));
    show(tile, "muted", seat.isMuted && !isScreen);
    show(tile, "screen", isScreen);
    show(tile, "away", seat.isAway);
  }
}
