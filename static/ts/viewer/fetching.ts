import { headers } from "../lib/api";
import { take } from "../lib/larder";
import { tellLocked } from "../lib/lock";
import { under } from "../lib/place";

/** So long no byte may come before a line counts as dead. */
const SILENCE_MS = 30_000;
const PAUSES_MS = [1_000, 4_000];

/** Why bytes did not come; `status` is 0 where nobody answered. */
class NotFetchedError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`not fetched: ${status}`);
    this.status = status;
  }
}

interface Fetched {
  contentType: string;
  bytes: Uint8Array;
}

async function readAll(response: Response, alive: () => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    alive();
    pieces.push(next.value);
    length += next.value.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

async function once(path: string, accept: string): Promise<Fetched> {
  const stop = new AbortController();
  let timer = window.setTimeout(() => stop.abort(), SILENCE_MS);
  const alive = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => stop.abort(), SILENCE_MS);
  };
  try {
    const response = await fetch(under(path), {
      headers: { ...headers(), Accept: accept },
      credentials: "same-origin",
      signal: stop.signal,
    });
    if (!response.ok) {
      throw new NotFetchedError(response.status);
    }
    const bytes = await readAll(response, alive);
    return { contentType: response.headers.get("Content-Type") ?? "", bytes };
  } catch (error) {
    throw error instanceof NotFetchedError ? error : new NotFetchedError(0);
  } finally {
    window.clearTimeout(timer);
  }
}

function isFinal(error: unknown): boolean {
  const status = error instanceof NotFetchedError ? error.status : 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** The bytes of a path of ours: loaded ahead, or asked for now. */
export async function bytesOf(path: string, accept: string): Promise<Fetched> {
  return take(path, accept) ?? (await asked(path, accept));
}

/** Tried again where another try may help. */
async function asked(path: string, accept: string): Promise<Fetched> {
  for (const pause of PAUSES_MS) {
    try {
      return await once(path, accept);
    } catch (error) {
      if (error instanceof NotFetchedError && error.status === 401) {
        tellLocked();
      }
      if (isFinal(error)) {
        throw error;
      }
    }
    await new Promise((resolve) => window.setTimeout(resolve, pause));
  }
  return once(path, accept);
}
