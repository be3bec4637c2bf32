import type { Entry } from "./entry";
import { onUnlocked } from "./lock";
import { account, meta, under } from "./place";
import { Stream, type StreamState } from "./stream";

export type ToPage =
  | { say: "entry"; entry: Entry }
  | { say: "reset" }
  | { say: "state"; state: StreamState };
export type FromPage = { say: "hello"; base: string; position?: number } | { say: "bye" };

/** Heard by every part of the page; the stream itself is nobody's business but this file's. */
const heard = new EventTarget();
let state: StreamState = "waiting";

function pass(message: ToPage): void {
  if (message.say === "state") {
    state = message.state;
  }
  heard.dispatchEvent(new CustomEvent(message.say, { detail: message }));
}

/** Hear of the journal until the signal stops it; `state` comes at once. */
export function listen(
  signal: AbortSignal,
  on: Partial<{ entry(entry: Entry): void; reset(): void; state(state: StreamState): void }>,
): void {
  const take = (event: Event) => {
    const message: ToPage = (event as CustomEvent).detail;
    if (message.say === "entry") {
      on.entry?.(message.entry);
    } else if (message.say === "reset") {
      on.reset?.();
    } else {
      on.state?.(message.state);
    }
  };
  for (const say of ["entry", "reset", "state"]) {
    heard.addEventListener(say, take, { signal });
  }
  on.state?.(state);
}

function position(): { position?: number } {
  const told = Number.parseInt(meta("journal-position"), 10);
  return Number.isNaN(told) ? {} : { position: told };
}

/** One worker for all pages of the same account; another account gets its own. */
function joinWorker(): void {
  const worker = new SharedWorker(under(meta("events-worker")), {
    name: `events ${account()}`,
    type: "module",
  });
  const hello = () =>
    worker.port.postMessage({ say: "hello", base: under(""), ...position() } satisfies FromPage);
  worker.port.addEventListener("message", ({ data }: MessageEvent<ToPage>) => pass(data));
  worker.port.start();
  hello();
  onUnlocked(hello);
  window.addEventListener("pagehide", () => worker.port.postMessage({ say: "bye" }));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      hello();
    }
  });
}

/** Without a shared worker only the tab that is looked at holds a stream: six would block a seventh. */
function holdWhileVisible(): void {
  const stream = new Stream(under(""), {
    entry: (entry) => pass({ say: "entry", entry }),
    reset: () => pass({ say: "reset" }),
    state: (now) => pass({ say: "state", state: now }),
  });
  stream.startAfter(position().position);
  const look = () => {
    if (document.visibilityState === "visible") {
      stream.open();
    } else {
      stream.close();
    }
  };
  document.addEventListener("visibilitychange", look);
  onUnlocked(look);
  window.addEventListener("pagehide", () => stream.close());
  look();
}

/** Begin to hear, on pages of a signed-in person. */
export function startEvents(): void {
  if (account() === "" || meta("events-worker") === "") {
    return;
  }
  if (typeof SharedWorker === "function") {
    joinWorker();
  } else {
    holdWhileVisible();
  }
}
