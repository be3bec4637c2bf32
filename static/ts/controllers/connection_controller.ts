import { Controller } from "@hotwired/stimulus";
import { Sheet } from "../connection/sheet";
import { verdictOf } from "../connection/verdict";

/** The test of a line: begun by a press, since a browser then may ask for camera and microphone. */
export class ConnectionController extends Controller<HTMLElement> {
  static override targets = ["begin", "copy", "step", "verdict", "picture", "level"];
  declare readonly beginTarget: HTMLButtonElement;
  declare readonly copyTarget: HTMLButtonElement;
  declare readonly stepTargets: HTMLElement[];
  declare readonly verdictTarget: HTMLElement;
  declare readonly pictureTarget: HTMLVideoElement;
  declare readonly levelTarget: HTMLMeterElement;

  override connect(): void {
    this.beginTarget.addEventListener("click", this.#begin);
  }

  override disconnect(): void {
    this.beginTarget.removeEventListener("click", this.#begin);
    this.#letGo();
  }

  #begin = async (): Promise<void> => {
    this.beginTarget.disabled = true;
    this.copyTarget.hidden = true;
    this.#letGo();
    this.#say("");
    const sheet = new Sheet(this.stepTargets);
    const { runTest } = await import("../connection/run");
    try {
      await runTest(sheet, { picture: this.pictureTarget, level: this.#show });
    } finally {
      this.beginTarget.disabled = false;
    }
    const verdict = this.#say(verdictOf(sheet.found));
    const about = `${window.location.origin} | ${new Date().toISOString()}\n${navigator.userAgent}`;
    const text = `${verdict}\n${about}\n${sheet.text()}`;
    this.copyTarget.setAttribute("data-copy-text-value", text);
    this.copyTarget.hidden = false;
  };

  #show = (level: number): void => {
    this.levelTarget.hidden = false;
    this.levelTarget.value = level;
  };

  #say(code: string): string {
    let said = "";
    for (const each of this.verdictTarget.querySelectorAll<HTMLElement>("[data-verdict]")) {
      each.hidden = each.dataset.verdict !== code;
      said = each.hidden ? said : (each.textContent ?? "");
    }
    return said;
  }

  #letGo(): void {
    const stream = this.pictureTarget.srcObject;
    if (stream instanceof MediaStream) {
      for (const track of stream.getTracks()) {
        track.stop();
      }
    }
    this.pictureTarget.srcObject = null;
    this.pictureTarget.hidden = true;
  }
}
