import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { ToPage } from "./lib/events";

const encoder = new TextEncoder();
let streams: ReadableStreamDefaultController<Uint8Array>[] = [];
let asked: (string | null)[] = [];

class Page {
  readonly heard: ToPage[] = [];
  readonly #port: MessagePort;

  constructor(position?: number) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.heard.push(data);
    self.dispatchEvent(Object.assign(new Event("connect"), { ports: [port2] }));
    port1.postMessage({ say: "hello", base: "", ...(position === undefined ? {} : { position }) });
  }

  leave(): void {
    this.#port.postMessage({ say: "bye" });
  }

  entries(): number[] {
    return this.heard.flatMap((message) =>
      message.say === "entry" ? [message.entry.position] : [],
    );
  }
}

function write(position: number): void {
  const text = `id: ${position}\nevent: entry\ndata: ${JSON.stringify({ position, kind: "case.x" })}\n\n`;
  streams.at(-1)?.enqueue(encoder.encode(text));
}

const wait = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await import("./events_worker");
});

beforeEach(() => {
  streams = [];
  asked = [];
  vi.stubGlobal("fetch", async (_url: string, request: RequestInit) => {
    asked.push(new Headers(request.headers).get("Last-Event-ID"));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        streams.push(controller);
        request.signal?.addEventListener("abort", () => controller.error(new Error("closed")));
      },
    });
    return new Response(body);
  });
});

test("many pages share one stream, each hears every entry, and a late one what it missed", async () => {
  const first = new Page(40);
  const second = new Page(40);
  await wait();
  expect(asked).toEqual(["40"]);
  write(41);
  write(42);
  await wait();
  const late = new Page(41);
  await wait();
  expect(first.entries()).toEqual([41, 42]);
  expect(second.entries()).toEqual([41, 42]);
  expect(late.entries()).toEqual([42]);
  expect(late.heard.at(-1)).toEqual({ say: "state", state: "live" });
  for (const page of [first, second, late]) {
    page.leave();
  }
  await wait();
});

test("the stream is let go with the last page, and resumed for the next", async () => {
  const page = new Page(50);
  await wait();
  write(51);
  await wait();
  page.leave();
  await wait();
  expect(() => write(9)).toThrow("closed");
  const next = new Page(51);
  await wait();
  expect(asked).toEqual(["50", "51"]);
  next.leave();
  await wait();
});
