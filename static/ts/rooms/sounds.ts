import { playOn } from "./speaker";

const KNOCK: [number, number][] = [
  [440, 0],
  [440, 0.18],
];
const RING: [number, number][] = [
  [660, 0],
  [880, 0.25],
  [660, 0.5],
];
const SAMPLE: [number, number][] = [
  [523, 0],
  [659, 0.35],
  [784, 0.7],
];
const LASTS_S = 0.14;
const LOUD = 0.2;
const CLOSES_MS = 1500;

/** Made here: a page of strict policy loads no sound. Silent until somebody has touched the page. */
function play(tones: [number, number][], context = new AudioContext(), to?: AudioNode): void {
  for (const [pitch, after] of tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(LOUD, at);
    volume.gain.exponentialRampToValueAtTime(LOUD / 100, at + LASTS_S);
    tone.connect(volume).connect(to ?? context.destination);
    tone.start(at);
    tone.stop(at + LASTS_S);
  }
  window.setTimeout(() => void context.close(), CLOSES_MS);
}

export function playKnock(): void {
  play(KNOCK);
}

export function playRing(): void {
  play(RING);
}

/** A sound to try a speaker by; whether the browser plays it there. */
export async function playSample(device: string): Promise<boolean> {
  try {
    const context = new AudioContext();
    // an AudioContext takes a device since Chromium 110 alone; what plays a stream did before
    const stream = context.createMediaStreamDestination();
    const place = new Audio();
    place.srcObject = stream.stream;
    if (device !== "" && !(await playOn(place, device))) {
      void context.close();
      return false;
    }
    play(SAMPLE, context, stream);
    await place.play();
    return true;
  } catch {
    return false;
  }
}
