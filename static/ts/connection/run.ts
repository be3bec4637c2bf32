import { send } from "../lib/api";
import { tryCamera, tryMicrophone } from "./devices";
import { type Path, type Servers, tryPath, tryPlace } from "./path";
import type { Sheet } from "./sheet";
import { isPoor, type Quality } from "./verdict";

const ROOMS = ["ok", "no-media"];
const WAYS = ["udp", "tcp", "tls"] as const;
type Way = (typeof WAYS)[number];

/** Where devices show what they give. */
export interface Shows {
  picture: HTMLVideoElement;
  level: (level: number) => void;
}

interface Relay {
  trouble: boolean;
  urls: string[];
  username: string;
  credential: string;
}

async function askRelay(): Promise<Relay> {
  const answer = await send("/api/connection/relay", { body: {} });
  if (answer.kind !== "done") {
    return { trouble: true, urls: [], username: "", credential: "" };
  }
  return answer.data as unknown as Relay;
}

function wayOf(url: string): Way {
  if (url.startsWith("turns:")) {
    return "tls";
  }
  return url.endsWith("?transport=tcp") ? "tcp" : "udp";
}

function serversOf(relay: Relay, way: Way): Servers {
  const urls = relay.urls.filter((each) => wayOf(each) === way);
  const { username, credential } = relay;
  return urls.length === 0 ? [] : [{ urls, username, credential }];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)}%`;
}

function tellQuality(sheet: Sheet, quality: Quality | undefined): void {
  if (quality === undefined) {
    sheet.end("quality", "not-measured");
    return;
  }
  const { lostOut, lostIn, roundTripMs } = quality;
  const told = `↑ ${percent(lostOut)} ↓ ${percent(lostIn)} ${roundTripMs} ms`;
  sheet.end("quality", isPoor(quality) ? "poor" : "good", told);
}

function trySecure(sheet: Sheet): void {
  const isEncrypted = window.location.protocol === "https:";
  const secure = isEncrypted ? "https" : "local";
  sheet.end("secure", window.isSecureContext ? secure : "plain");
}

async function tryDevices(sheet: Sheet, shows: Shows): Promise<void> {
  sheet.begin("camera");
  const camera = await tryCamera(shows.picture);
  sheet.end("camera", camera.outcome, camera.detail);
  sheet.begin("microphone");
  const microphone = await tryMicrophone(shows.level);
  sheet.end("microphone", microphone.outcome, microphone.detail);
}

async function tryRelay(relay: Relay, way: Way, hasRoom: boolean, lacks: boolean): Promise<Path> {
  const servers = serversOf(relay, way);
  if (relay.trouble || servers.length === 0) {
    return { outcome: relay.trouble ? "trouble" : "not-set" };
  }
  return hasRoom ? tryPath(servers, () => lacks) : tryPlace(servers);
}

/** Every step in its order; a step that cannot be taken says why. */
export async function runTest(sheet: Sheet, shows: Shows): Promise<void> {
  trySecure(sheet);
  await tryDevices(sheet, shows);
  sheet.begin("line");
  sheet.begin("direct");
  const direct = await tryPath([], () => true);
  sheet.end("line", direct.outcome === "no-line" ? "no-line" : "ok");
  sheet.end("direct", direct.outcome);
  const hasRoom = ROOMS.includes(direct.outcome);
  let quality = direct.quality;
  const relay = await askRelay();
  for (const way of WAYS) {
    sheet.begin(way);
    const path = await tryRelay(relay, way, hasRoom, quality === undefined);
    sheet.end(way, path.outcome);
    quality ??= path.quality;
  }
  tellQuality(sheet, quality);
}
