import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RoomLine } from "./line";

/** A WebSocket whose other side is the test. */
class Socket {
  static readonly OPEN = 1;
  static made: Socket[] = [];
  readyState = Socket.OPEN;
  said: string[] = [];
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;

  constructor() {
    Socket.made.push(this);
  }

  send(text: string): void {
    this.said.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  tell(told: string, more: object = {}): void {
    this.onmessage({ data: JSON.stringify({ told, ...more }) });
  }
}

let ended: [string, string][];
let cuts: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Socket);
  Socket.made = [];
  ended = [];
  cuts = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(): RoomLine {
  const line = new RoomLine("/line", {
    told: async () => undefined,
    cut: () => {
      cuts += 1;
    },
    ended: (why, code) => ended.push([why, code]),
    mayComeAgain: async () => "again",
  });
  line.open();
  return line;
}

function last(): Socket {
  const socket = Socket.made.at(-1);
  if (socket === undefined) {
    throw new Error("no line was opened");
  }
  return socket;
}

/** So many milliseconds, in which the server answers each question at once, or none. */
async function pass(ms: number, answers = false): Promise<void> {
  for (let gone = 0; gone < ms; gone += 100) {
    await vi.advanceTimersByTimeAsync(100);
    const socket = last();
    if (answers && socket.said.pop() !== undefined) {
      socket.tell("here");
    }
  }
}

test("a line that goes dead is given up within two seconds, and another is tried at once", async () => {
  const line = open();
  last().tell("welcome");
  await pass(10_000, true);
  expect([cuts, line.stands]).toEqual([0, true]);
  await pass(2300);
  expect([cuts, line.stands, Socket.made.length]).toEqual([1, false, 2]);
});

test("on a line whose answers take two seconds it is given up twice, and then borne", async () => {
  open();
  last().tell("welcome");
  for (let each = 0; each < 30; each += 1) {
    await pass(2000);
    const socket = last();
    socket.tell(socket.said.length === 0 ? "welcome" : "here");
  }
  expect(cuts).toBeLessThanOrEqual(2);
});

test("who is brought in slowly is not taken for deaf before the welcome", async () => {
  open();
  await pass(2800);
  expect([cuts, last().said]).toEqual([0, []]);
  last().tell("welcome");
  await pass(5000, true);
  expect(cuts).toBe(0);
});

test("what a line that was given up says late changes nothing", async () => {
  const line = open();
  last().tell("welcome");
  const old = last();
  line.renew();
  old.tell("welcome");
  expect(line.stands).toBe(false);
  await pass(300);
  expect(Socket.made.length).toBe(2);
});

test("a refusal comes with its reason, and no further line is tried", async () => {
  open();
  last().tell("refused", { say: "join", code: "rooms-full" });
  last().onclose({ code: 4409 });
  await pass(10_000);
  expect([ended, Socket.made.length]).toEqual([[["refused", "rooms-full"]], 1]);
});
