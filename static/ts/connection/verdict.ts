/** What each step came to, by its code; the page has a sentence for every pair. */
export type Outcomes = Record<string, string>;

const FAULTS = ["denied", "none", "in-use"];
const ROOMS = ["off", "away", "busy"];
const WAYS = ["udp", "tcp", "tls"];

/** The one sentence that is read to IT on the telephone: the first thing that must be mended. */
export function verdictOf(found: Outcomes): string {
  if (found.secure === "plain") {
    return "insecure";
  }
  if (found.line !== "ok") {
    return "no-line";
  }
  const room = found.direct ?? "";
  if (ROOMS.includes(room)) {
    return room;
  }
  const way = room === "ok" ? "good" : WAYS.find((each) => found[each] === "ok");
  if (way === undefined) {
    return WAYS.some((each) => found[each] === "busy") ? "busy" : "blocked";
  }
  if ([found.camera, found.microphone].some((each) => FAULTS.includes(each ?? ""))) {
    return "devices";
  }
  return found.quality === "poor" ? "poor" : way;
}

/** What was counted of one path: packets lost of those sent, and the way there and back. */
export interface Quality {
  lostOut: number;
  lostIn: number;
  roundTripMs: number;
}

const MOST_LOST = 0.05;
const LONGEST_MS = 400;

/** Whether somebody who speaks over such a line would be disturbed. */
export function isPoor({ lostOut, lostIn, roundTripMs }: Quality): boolean {
  return Math.max(lostOut, lostIn) > MOST_LOST || roundTripMs > LONGEST_MS;
}
