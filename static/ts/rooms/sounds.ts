const KNOCK: [number, number][] = [
  [440, 0],
  [440, 0.18],
];
const RING: [number, number][] = [
  [660, 0],
  [880, 0.25],
  [660, 0.5],
];
const LASTS_S = 0.14;
const LOUD = 0.2;

/** Made here: a page of strict policy loads no sound. Silent until somebody has touched the page. */
function play(tones: [number, number][]): void {
  const context = new AudioContext();
  for (const [pitch, after] of tones) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(LOUD, at);
    volume.gain.exponentialRampToValueAtTime(LOUD / 100, at + LASTS_S);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + LASTS_S);
  }
  window.setTimeout(() => void context.close(), 1500);
}

export function playKnock(): void {
  play(KNOCK);
}

export function playRing(): void {
  play(RING);
}
