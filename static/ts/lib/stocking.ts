import { send } from "./api";
import { has, hasRoom, keepOnly, put } from "./larder";
import { under } from "./place";
import { PREVIEW } from "./turn";

/** What the server says of a picture of a case to come. */
interface Film {
  preview: string;
  instance: string;
  frames: number;
}

interface Ahead {
  films: Film[];
}

interface Line {
  saveData?: boolean;
  effectiveType?: string;
}

export const METADATA = "application/dicom+json";
export const STORED = 'multipart/related; type="application/octet-stream"; transfer-syntax=*';
/** Below this only previews are loaded ahead: what is being read comes first. */
const SLOW_BYTES_PER_MS = 60;
/** Fewer bytes than this tell how far the server is, and not how wide the line. */
const TELLING_BYTES = 50_000;

/** Load the pictures of the next cases, one after the other: first the previews of all of them. */
export async function stock(url: string, signal: AbortSignal): Promise<void> {
  const answer = await send(url, { method: "GET" });
  const cases = answer.kind === "done" ? (answer.data.cases as Ahead[]) : [];
  const films = cases.flatMap((each) => each.films);
  // what this case has not opened yet stays too
  const here = [...document.querySelectorAll<HTMLElement>(".film[data-instance]")];
  const own = here.map(({ dataset }) => dataset.instance ?? "");
  keepOnly([...own, ...films.flatMap(({ preview, instance }) => [under(preview), instance])]);
  const begun = performance.now();
  let bytes = 0;
  for (const { preview } of films) {
    bytes += await bring(preview, under(preview), PREVIEW, signal);
  }
  const isSlow = bytes / (performance.now() - begun) < SLOW_BYTES_PER_MS;
  if ((isSlow && bytes > TELLING_BYTES) || isSparing()) {
    return;
  }
  for (const { instance, frames } of films) {
    await bring(`${instance}/metadata`, `${instance}/metadata`, METADATA, signal);
    if (frames === 1) {
      await bring(`${instance}/frames/1`, `${instance}/frames/1`, STORED, signal);
    }
  }
}

/** The reader's line is one on which bytes are counted. */
function isSparing(): boolean {
  const line = (navigator as Navigator & { connection?: Line }).connection;
  return line?.saveData === true || /2g$/.test(line?.effectiveType ?? "");
}

/** One answer, kept under the path by which it will be asked for; how many bytes it was. */
async function bring(path: string, key: string, accept: string, signal: AbortSignal) {
  if (signal.aborted || has(key, accept) || !hasRoom()) {
    return 0;
  }
  try {
    const response = await fetch(under(path), {
      headers: { Accept: accept },
      credentials: "same-origin",
      priority: "low",
      signal,
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.ok) {
      put(key, accept, { contentType: response.headers.get("Content-Type") ?? "", bytes });
    }
    return bytes.length;
  } catch {
    // what does not come ahead is asked for when it is needed
    return 0;
  }
}
