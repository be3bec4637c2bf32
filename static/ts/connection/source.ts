const WIDTH = 320;
const HEIGHT = 240;
const SPOT = 20;
const EVERY_MS = 50;
const RATE = 20;

/** Something to send that shows nobody: a drawing that changes, with no device behind it. */
export class DrawnSource {
  readonly track: MediaStreamTrack;
  readonly #timer: number;

  constructor() {
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const brush = canvas.getContext("2d");
    this.#timer = window.setInterval(() => {
      if (brush !== null) {
        brush.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
        brush.fillRect(Math.random() * WIDTH, Math.random() * HEIGHT, SPOT, SPOT);
      }
    }, EVERY_MS);
    const track = canvas.captureStream(RATE).getVideoTracks()[0];
    if (track === undefined) {
      throw new Error("a canvas gives one track");
    }
    this.track = track;
  }

  stop(): void {
    window.clearInterval(this.#timer);
    this.track.stop();
  }
}
