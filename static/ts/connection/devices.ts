const HEARS_MS = 4000;
const LOOKS_MS = 50;
const HEARD = 0.01;

export interface Found {
  outcome: string;
  detail: string;
}

function reason(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") {
    return "denied";
  }
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "in-use";
}

async function open(wanted: MediaStreamConstraints): Promise<MediaStream | string> {
  // absent where the page came unencrypted
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) {
    return "insecure";
  }
  return devices.getUserMedia(wanted).catch(reason);
}

/** Whether the camera gives a picture, which is shown in `place` while the page lasts. */
export async function tryCamera(place: HTMLVideoElement): Promise<Found> {
  const stream = await open({ video: true });
  if (typeof stream === "string") {
    return { outcome: stream, detail: "" };
  }
  const detail = stream.getVideoTracks()[0]?.label ?? "";
  place.srcObject = stream;
  place.hidden = false;
  await place.play().catch(() => undefined);
  return { outcome: "ok", detail };
}

/** Whether the microphone hears anything for a while; `show` is told the level, 0 to 1. */
export async function tryMicrophone(show: (level: number) => void): Promise<Found> {
  const stream = await open({ audio: true });
  if (typeof stream === "string") {
    return { outcome: stream, detail: "" };
  }
  const context = new AudioContext();
  try {
    const ear = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(ear);
    const heard = await listen(ear, show);
    return { outcome: heard ? "ok" : "silent", detail: stream.getAudioTracks()[0]?.label ?? "" };
  } finally {
    await context.close();
    for (const track of stream.getTracks()) {
      track.stop();
    }
  }
}

async function listen(ear: AnalyserNode, show: (level: number) => void): Promise<boolean> {
  const wave = new Float32Array(ear.fftSize);
  const until = performance.now() + HEARS_MS;
  while (performance.now() < until) {
    ear.getFloatTimeDomainData(wave);
    const peak = wave.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    show(Math.min(1, peak));
    if (peak > HEARD) {
      return true;
    }
    await new Promise((done) => window.setTimeout(done, LOOKS_MS));
  }
  return false;
}
