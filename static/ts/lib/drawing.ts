/** News of one step come together: a moment is waited for the rest of them. */
const GATHER_MS = 20;
/** From one drawing's end to the next one's beginning, however much happens. */
const APART_MS = 150;
const PATIENCE_MS = 30_000;
const GONE = [401, 403, 404];

let next: Promise<Document | null> | undefined;
let running: Promise<unknown> = Promise.resolve();
let endedAt = Number.NEGATIVE_INFINITY;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Of what stands here: going back changes the browser's address before anything is drawn. */
let address = window.location.href;

/** Another page was drawn in this one's place. */
export function drawnAs(path: string): void {
  address = new URL(path, window.location.href).href;
}

/** Whether the browser's address is that of what stands here; its fragment aside. */
export function isAddressed(): boolean {
  return new URL(address).pathname === window.location.pathname;
}

async function ask(): Promise<Document | null> {
  try {
    const response = await fetch(address, {
      headers: { Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (GONE.includes(response.status)) {
      return null;
    }
    if (!response.ok) {
      throw new Error(`the page answered ${response.status}`);
    }
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } finally {
    endedAt = performance.now();
  }
}

async function askSoon(): Promise<Document | null> {
  await running;
  await pause(Math.max(GATHER_MS, endedAt + APART_MS - performance.now()));
  next = undefined;
  const asked = ask();
  running = asked.catch(() => undefined);
  return await asked;
}

/**
 * This page as the server draws it from now on; null when it is nobody's any more; throws when the
 * line or the server fails. All parts of the page that ask before the question leaves share one
 * answer, which nobody may change.
 */
export function nextDrawing(): Promise<Document | null> {
  next ??= askSoon();
  return next;
}
