import { afterEach, expect, test, vi } from "vitest";
import { concerns } from "./entry";
import { Cutter } from "./sse";
import { Stream } from "./stream";

const encoder = new TextEncoder();

/** A server that can open, speak, fall silent and cut; the polled answer comes from the same journal. */
class Journal {
  opened: (string | null)[] = [];
  polled: string[] = [];
  entries: { position: number; kind: string }[] = [];
  status = 200;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor() {
    vi.stubGlobal("fetch", (url: string, request: RequestInit) => this.#answer(url, request));
  }

  async #answer(url: string, request: RequestInit): Promise<Response> {
    if (url.includes("/since")) {
      this.polled.push(url);
      const after = Number(url.split("=")[1] ?? 0);
      const entries = this.entries.filter(({ position }) => position > after);
      return new Response(
        JSON.stringify({ position: this.entries.at(-1)?.position ?? 0, entries, reset: false }),
      );
    }
    this.opened.push(new Headers(request.headers).get("Last-Event-ID"));
    const body = new ReadableStream<Uint8Array>({ start: (controller) => this.#hold(controller) });
    request.signal?.addEventListener("abort", () => this.cut());
    return new Response(this.status === 200 ? body : null, { status: this.status });
  }

  #hold(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  say(text: string): void {
    this.#controller?.enqueue(encoder.encode(text));
  }

  write(position: number, kind: string): void {
    this.entries.push({ position, kind });
    this.say(`id: ${position}\nevent: entry\ndata: ${JSON.stringify({ position, kind })}\n\n`);
  }

  cut(): void {
    try {
      this.#controller?.error(new TypeError("cut"));
    } catch {
      // already cut
    }
  }
}

function listenTo(): { heard: number[]; states: string[]; resets: number; stream: Stream } {
  const record = { heard: [] as number[], states: [] as string[], resets: 0 };
  const stream = new Stream(
    "",
    {
      entry: ({ position }) => record.heard.push(position),
      reset: () => {
        record.resets += 1;
      },
      state: (state) => record.states.push(state),
    },
    { silence: 120, poll: 30, retry: 10, longestRetry: 20 },
  );
  const all = Object.assign(record, { stream });
  opened.push(stream);
  stream.open();
  return all;
}

const opened: Stream[] = [];
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
afterEach(() => {
  for (const stream of opened.splice(0)) {
    stream.close();
  }
});

test("a cut line is resumed after the last position that was heard", async () => {
  const journal = new Journal();
  const record = listenTo();
  await wait(5);
  journal.write(7, "case.submitted");
  await wait(5);
  journal.cut();
  await wait(40);
  expect(journal.opened).toEqual([null, "7"]);
  journal.write(8, "case.assigned");
  await wait(5);
  expect(record.heard).toEqual([7, 8]);
  expect(record.states).toEqual(["live"]);
});

test("heartbeats keep a silent stream trusted; 120 ms without one and the page asks instead", async () => {
  const journal = new Journal();
  const record = listenTo();
  for (let beat = 0; beat < 5; beat += 1) {
    await wait(50);
    journal.say(": still here\n\n");
  }
  expect(record.states).toEqual(["live"]);
  expect(journal.polled.length).toBe(0);
  journal.entries.push({ position: 3, kind: "case.submitted" });
  await wait(200);
  expect(record.states).toEqual(["live", "degraded"]);
  expect(record.heard).toEqual([3]);
  journal.say(": back\n\n");
  await wait(10);
  expect(record.states).toEqual(["live", "degraded", "live"]);
  const asked = journal.polled.length;
  await wait(60);
  expect(journal.polled.length).toBe(asked);
});

test("an entry told twice is heard once", async () => {
  const journal = new Journal();
  const record = listenTo();
  await wait(5);
  journal.write(4, "case.x");
  journal.write(4, "case.x");
  journal.write(3, "case.x");
  await wait(5);
  expect(record.heard).toEqual([4]);
});

test("a reset is passed on, and listening begins anew", async () => {
  const journal = new Journal();
  const record = listenTo();
  await wait(5);
  journal.write(900, "case.x");
  journal.say("id: 5\nevent: reset\ndata: {}\n\n");
  journal.write(6, "case.x");
  await wait(5);
  expect(record.resets).toBe(1);
  expect(record.heard).toEqual([900, 6]);
});

test("who is signed out is not asked for ever", async () => {
  const journal = new Journal();
  journal.status = 401;
  const record = listenTo();
  await wait(60);
  expect(journal.opened.length).toBe(1);
  expect(record.states).toEqual(["closed"]);
});

test("messages are cut right wherever the bytes are torn", () => {
  const text =
    ': hello\r\n\r\nid: 1\r\nevent: entry\r\ndata: {"a":1}\r\n\r\nid:2\ndata:x\ndata:y\n\n';
  for (let size = 1; size < text.length; size += 1) {
    const cutter = new Cutter();
    const messages = [];
    for (let at = 0; at < text.length; at += size) {
      messages.push(...cutter.take(text.slice(at, at + size)));
    }
    expect(messages).toEqual([
      { id: "1", event: "entry", data: '{"a":1}' },
      { id: "2", event: "message", data: "x\ny" },
    ]);
  }
});

test("kinds match whole or by their beginning", () => {
  expect(concerns("case.* queue.claimed", "case.submitted")).toBe(true);
  expect(concerns("case.* queue.claimed", "queue.claimed")).toBe(true);
  expect(concerns("case.* queue.claimed", "queue.released")).toBe(false);
  expect(concerns("", "case.submitted")).toBe(false);
});
