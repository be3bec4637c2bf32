import { headers } from "../api";
import { metadata, type UploadRow } from "./row";

const PATIENCE_MS = 10_000;

function coded(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/**
 * Tell the server of a file before its turn comes, so that its case waits for it whoever submits
 * it, and wherever (U11). The same key later is the same upload; null where the line is down.
 */
export async function announce(endpoint: string, row: UploadRow): Promise<string | null> {
  const told = Object.entries(metadata(row)).map(([name, value]) => `${name} ${coded(value)}`);
  try {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: {
        ...headers(),
        "Tus-Resumable": "1.0.0",
        "Upload-Length": String(row.size),
        "Upload-Metadata": told.join(","),
      },
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const location = answer.headers.get("Location");
    return answer.ok && location !== null ? new URL(location, answer.url).href : null;
  } catch {
    return null;
  }
}

/** Say that a file does not come: whoever signs out leaves nothing behind that a case waits for. */
export async function takeBack(url: string): Promise<void> {
  await fetch(url, {
    method: "POST",
    headers: { ...headers(), "Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": "DELETE" },
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null);
}
