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

/** The others in the room, a tile each; what is shown from a screen stands before its owner. */
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

  clear(): void {
    this.#seats = [];
    this.#received = [];
    this.#draw();
  }

  #tiles(): HTMLElement[] {
    return [...this.#place.querySelectorAll<HTMLElement>("[data-person]")];
  }

  #draw(): void {
    const persons = this.#seats.map(({ person }) => person);
    for (const tile of this.#tiles()) {
      if (!persons.includes(tile.dataset.person ?? "")) {
        tile.querySelectorAll<HTMLMediaElement>("video, audio").forEach((each) => {
          each.srcObject = null;
        });
        tile.remove();
      }
    }
    for (const seat of this.#seats) {
      this.#fill(this.#tileOf(seat.person), seat);
    }
    this.#place.dataset.count = String(Math.min(persons.length, 5));
  }

  #tileOf(person: string): HTMLElement {
    const known = this.#tiles().find((tile) => tile.dataset.person === person);
    if (known !== undefined) {
      return known;
    }
    const made = this.#template.content.firstElementChild?.cloneNode(true) as HTMLElement;
    made.dataset.person = person;
    this.#place.append(made);
    return made;
  }

  #fill(tile: HTMLElement, seat: Seat): void {
    const own = this.#received.filter(
      ({ participant }) => participant.slice(0, participant.lastIndexOf("/")) === seat.person,
    );
    const of = (sources: string[]): MediaStreamTrack[] =>
      own.filter(({ source }) => sources.includes(source)).map(({ track }) => track);
    const telephone = own
      .filter(({ participant, source }) => participant.endsWith(SECOND) && source === "camera")
      .map(({ track }) => track);
    const cameras = of(["camera"]).filter((each) => !telephone.includes(each));
    const [camera, screen] = [[...cameras, ...telephone].slice(0, 1), of(["screen"]).slice(0, 1)];
    const main = screen.length > 0 ? screen : camera;
    const second = telephone.filter((each) => !main.includes(each)).slice(0, 1);
    play(tile.querySelector("video"), main);
    play(tile.querySelector<HTMLVideoElement>("[data-second]"), second);
    tile.classList.toggle("has-second", second.length > 0);
    play(tile.querySelector("audio"), of(SOUNDS));
    tile.dataset.shows = screen.length > 0 ? "screen" : "camera";
    show(tile, "dark", seat.isDark && !seat.isShowing);
    show(tile, "unseen", main.length === 0 && (!seat.isDark || seat.isShowing));
    show(tile, "muted", seat.isMuted);
    show(tile, "screen", seat.isShowing);
    show(tile, "away", seat.isAway);
  }
}
