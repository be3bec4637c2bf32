import { headers } from "../api";
import { under } from "../place";
import type { Glance, UploadRow } from "./row";

const LONGEST_PX = 1024;
const QUALITY = 0.8;
const PATIENCE_MS = 10_000;
const KINDS = ["image/jpeg", "image/png"];

/** A JPEG of at most 1024 px, some 150 KB; none where the browser cannot read the file. */
async function smallCopy(file: Blob): Promise<Blob | null> {
  if (!KINDS.includes(file.type) || typeof createImageBitmap !== "function") {
    return null;
  }
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  } catch {
    return null;
  }
}

/** Nothing, once the time is over: a browser may take for ever to read a picture. */
function ended(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
}

/** What the server says of a small copy, while the photograph itself still waits (U12). */
export async function lookFirst(row: UploadRow, patience = PATIENCE_MS): Promise<Glance | null> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const copy = await Promise.race([smallCopy(row.file), ended(stop.signal)]);
    if (copy === null) {
      return null;
    }
    const answer = await fetch(under(`/api/cases/${row.case_id}/images/first-look`), {
      method: "POST",
      headers: { ...headers(), "Content-Type": "image/jpeg" },
      body: copy,
      credentials: "same-origin",
      signal: stop.signal,
    });
    return answer.ok ? ((await answer.json()) as Glance) : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
