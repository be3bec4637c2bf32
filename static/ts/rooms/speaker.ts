/** What plays sound on a device of one's own choice; not every browser knows how (Safari). */
export interface Plays {
  setSinkId?: (device: string) => Promise<void>;
}

/** What stands for "as the computer does"; browsers list it under these names as well. */
const AS_THE_COMPUTER = ["", "default", "communications"];

/** Whether this browser lets a page choose its speaker. */
export function canChoose(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** Let this be heard on a device; whether it is. */
export async function playOn(place: Plays, device: string): Promise<boolean> {
  try {
    await place.setSinkId?.(device);
    return true;
  } catch {
    return false;
  }
}

/** The speakers, as far as the browser tells: it names them once a microphone was allowed. */
export async function listSpeakers(): Promise<{ id: string; label: string }[]> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  const all = (await devices?.enumerateDevices()) ?? [];
  return all
    .filter(({ kind, label }) => kind === "audiooutput" && label !== "")
    .filter(({ deviceId }) => !AS_THE_COMPUTER.includes(deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}
