import type { Entry } from "./lib/entry";
import type { FromPage, ToPage } from "./lib/events";
import { Stream } from "./lib/stream";

/** Holds the one event stream of this browser and tells every open page (U10). */
const RECENT_MS = 30_000;
const ports = new Set<MessagePort>();
const recent: { entry: Entry; heardAt: number }[] = [];
let stream: Stream | undefined;

function tell(message: ToPage): void {
  for (const port of ports) {
    port.postMessage(message);
  }
}

function remember(entry: Entry): void {
  const now = Date.now();
  recent.push({ entry, heardAt: now });
  while (recent[0] !== undefined && now - recent[0].heardAt > RECENT_MS) {
    recent.shift();
  }
}

function open(base: string): Stream {
  return new Stream(base, {
    entry: (entry) => {
      remember(entry);
      tell({ say: "entry", entry });
    },
    reset: () => tell({ say: "reset" }),
    state: (state) => tell({ say: "state", state }),
  });
}

/** A page was drawn a moment before it could listen: what happened in between is told again. */
function welcome(port: MessagePort, hello: Extract<FromPage, { say: "hello" }>): void {
  ports.add(port);
  stream ??= open(hello.base);
  for (const { entry } of recent) {
    if (entry.position > (hello.position ?? 0)) {
      port.postMessage({ say: "entry", entry } satisfies ToPage);
    }
  }
  if (!stream.isOpen) {
    stream.startAfter(hello.position);
    stream.open();
  }
  port.postMessage({ say: "state", state: stream.state } satisfies ToPage);
}

function farewell(port: MessagePort): void {
  ports.delete(port);
  if (ports.size === 0) {
    stream?.close();
  }
}

self.addEventListener("connect", (event) => {
  const [port] = (event as MessageEvent).ports;
  port?.addEventListener("message", ({ data }: MessageEvent<FromPage>) => {
    if (data.say === "hello") {
      welcome(port, data);
    } else {
      farewell(port);
    }
  });
  port?.start();
});
