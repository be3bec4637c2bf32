import { Meter } from "./meter";
import { type Kind, OwnMedia } from "./own_media";

const KINDS: Kind[] = ["camera", "microphone"];

/** Where one's own devices are shown and chosen; the places stand on the page more than once. */
interface CheckPlaces {
  pictures: HTMLVideoElement[];
  level: HTMLMeterElement;
  choices: HTMLSelectElement[];
  says: HTMLElement[];
}

/** One's own devices on the page: picture, level, choice, and a sentence where one fails. */
export class DeviceCheck {
  readonly media: OwnMedia;
  readonly #places: CheckPlaces;
  readonly #meter: Meter;

  constructor(places: CheckPlaces, changed: (kind: Kind) => void, heard: () => void) {
    this.#places = places;
    this.#meter = new Meter(places.level, heard);
    this.media = new OwnMedia((kind) => {
      this.#show(kind);
      changed(kind);
    });
  }

  async begin(): Promise<void> {
    await this.media.openBoth();
    await this.list();
  }

  /** Devices have come or gone. */
  async renew(): Promise<void> {
    await this.media.renew();
    await this.list();
  }

  /** What may be chosen; devices come and go, and who chooses a speaker hears of it too. */
  async list(): Promise<void> {
    window.dispatchEvent(new CustomEvent("devices:listed"));
    for (const kind of KINDS) {
      const found = await this.media.list(kind);
      const used = this.media.used(kind);
      for (const select of this.#places.choices.filter(({ dataset }) => dataset.kind === kind)) {
        const none = select.options[0];
        const known = found.map(({ id, label }) => new Option(label, id, false, id === used));
        select.replaceChildren(...(none === undefined ? [] : [none]), ...known);
      }
    }
  }

  close(): void {
    this.media.closeAll();
    this.#meter.stop();
  }

  #show(kind: Kind): void {
    const track = this.media.tracks.get(kind);
    if (kind === "microphone") {
      this.#meter.show(track);
    } else {
      for (const picture of this.#places.pictures) {
        picture.srcObject = track === undefined ? null : new MediaStream([track]);
        picture.classList.toggle("is-empty", track === undefined);
        void picture.play().catch(() => undefined);
      }
    }
    for (const each of this.#places.says.filter(({ dataset }) => dataset.of === kind)) {
      each.hidden = each.dataset.outcome !== this.media.outcomes[kind];
    }
    for (const select of this.#places.choices.filter(({ dataset }) => dataset.kind === kind)) {
      select.value = this.media.used(kind);
    }
  }
}
