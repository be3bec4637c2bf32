const LOOKS_MS = 80;
const HEARD = 0.02;

/** How loud a microphone is, shown in a meter while it lasts. */
export class Meter {
  readonly #place: HTMLMeterElement;
  readonly #heard: () => void;
  #context: AudioContext | undefined;
  #timer = 0;

  /** `heard` is told as often as somebody speaks. */
  constructor(place: HTMLMeterElement, heard: () => void) {
    this.#place = place;
    this.#heard = heard;
  }

  show(track: MediaStreamTrack | undefined): void {
    this.stop();
    if (track === undefined) {
      return;
    }
    const context = new AudioContext();
    const ear = context.createAnalyser();
    context.createMediaStreamSource(new MediaStream([track])).connect(ear);
    const wave = new Float32Array(ear.fftSize);
    this.#context = context;
    this.#timer = window.setInterval(() => {
      ear.getFloatTimeDomainData(wave);
      this.#place.value = wave.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      if (this.#place.value > HEARD) {
        this.#heard();
      }
    }, LOOKS_MS);
  }

  stop(): void {
    window.clearInterval(this.#timer);
    void this.#context?.close();
    this.#context = undefined;
    this.#place.value = 0;
  }
}
