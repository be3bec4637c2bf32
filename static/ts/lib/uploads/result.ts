import { headers } from "../api";
import type { UploadResult } from "./row";

const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const PATIENCE_MS = 30_000;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function ask(url: string): Promise<UploadResult | number> {
  try {
    const response = await fetch(`${url}/result`, {
      headers: { ...headers(), Accept: "application/json" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok ? await response.json() : response.status;
  } catch {
    return 0;
  }
}

/** Ask until the server has judged the file; null when the server knows no such upload any more. */
export async function awaitResult(
  url: string,
  isStopped: () => boolean,
  pauseMs = PAUSE_MS,
): Promise<UploadResult | null> {
  let wait = pauseMs;
  while (!isStopped()) {
    const answer = await ask(url);
    if (answer === 404 || answer === 410) {
      return null;
    }
    if (typeof answer === "object" && (answer.status === "done" || answer.status === "refused")) {
      return answer;
    }
    wait = typeof answer === "object" ? pauseMs : Math.min(wait * 2, LONGEST_PAUSE_MS);
    await pause(wait);
  }
  return null;
}
