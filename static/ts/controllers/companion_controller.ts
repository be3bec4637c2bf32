import { Controller } from "@hotwired/stimulus";
import type { Companion } from "../rooms/companion";

/** The page of a telephone that is a camera: nothing begins before its button is pressed. */
export class CompanionController extends Controller<HTMLElement> {
  static override values = { url: String, person: String };
  static override targets = ["own", "begin", "turn", "end"];
  declare urlValue: string;
  declare personValue: string;
  declare readonly ownTarget: HTMLVideoElement;
  declare readonly beginTarget: HTMLElement;
  declare readonly turnTarget: HTMLElement;
  declare readonly endTarget: HTMLElement;
  #companion: Companion | undefined;
  #listening = new AbortController();

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener("pagehide", () => this.#companion?.leave(), { signal });
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#companion?.leave();
  }

  async begin(): Promise<void> {
    if ((navigator.mediaDevices as MediaDevices | undefined) === undefined) {
      this.#say("insecure");
      return;
    }
    const { Companion } = await import("../rooms/companion");
    const companion = new Companion(this.urlValue, this.personValue, {
      shown: () => this.#say("shown"),
      cut: () => this.#say("cut"),
      ended: (said) => this.#over(said),
    });
    this.#companion?.leave();
    this.#companion = companion;
    if (await this.#show(companion.open())) {
      this.#say("connecting");
      await companion.enter();
      this.#turn(true);
    }
  }

  turn(): void {
    if (this.#companion !== undefined) {
      void this.#show(this.#companion.turn());
    }
  }

  end(): void {
    this.#companion?.leave();
    this.#over("ended");
  }

  /** Whether there is a picture; else the page says what to do. */
  async #show(opening: Promise<MediaStream>): Promise<boolean> {
    try {
      this.ownTarget.srcObject = await opening;
    } catch {
      this.#say("no-camera");
      return false;
    }
    void this.ownTarget.play().catch(() => undefined);
    return true;
  }

  #over(said: string): void {
    this.#companion = undefined;
    this.ownTarget.srcObject = null;
    this.#turn(false);
    this.#say(said);
  }

  #turn(isShown: boolean): void {
    this.beginTarget.hidden = isShown;
    this.turnTarget.hidden = !isShown;
    this.endTarget.hidden = !isShown;
  }

  #say(code: string): void {
    for (const each of this.element.querySelectorAll<HTMLElement>("[data-said]")) {
      each.hidden = each.dataset.said !== code;
    }
  }
}
