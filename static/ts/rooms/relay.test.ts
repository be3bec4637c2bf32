import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Relay } from "./relay";

const LIFE_S = 7200;

let asked = 0;
let answer: () => Promise<Response>;

function name(life_s = LIFE_S): Response {
  const told = { urls: ["turn:relay"], username: `name-${asked}`, credential: "x", life_s };
  return new Response(JSON.stringify(told));
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = 0;
  answer = async () => name();
  vi.stubGlobal("fetch", () => {
    asked += 1;
    return answer();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pass(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
}

function used(relay: Relay): string | undefined {
  return relay.servers[0]?.username;
}

test("a name that is good is asked for once", async () => {
  const relay = new Relay("/relay");
  await relay.ask();
  await pass(LIFE_S * 0.89);
  await relay.keep();
  expect([asked, used(relay)]).toEqual([1, "name-1"]);
});

test("a call that outlives its name has another before the first is over", async () => {
  const relay = new Relay("/relay");
  await relay.ask();
  await pass(LIFE_S * 0.91);
  await relay.keep();
  await pass(0);
  expect([asked, used(relay)]).toEqual([2, "name-2"]);
});

test("after a night's sleep a connection waits for a new name", async () => {
  const relay = new Relay("/relay");
  await relay.ask();
  await pass(LIFE_S * 4);
  await relay.keep();
  expect(used(relay)).toBe("name-2");
});

test("nobody waits longer than three seconds for a server that does not answer", async () => {
  const relay = new Relay("/relay");
  await relay.ask();
  await pass(LIFE_S * 2);
  answer = () => new Promise(() => undefined);
  let waits = true;
  void relay.keep().then(() => {
    waits = false;
  });
  await pass(2.9);
  expect(waits).toBe(true);
  await pass(0.2);
  expect([waits, used(relay)]).toEqual([false, "name-1"]);
});

test("a relay that cannot be told now is asked for again after half a minute, and not before", async () => {
  const relay = new Relay("/relay");
  answer = async () => new Response("{}", { status: 503 });
  await relay.ask();
  await pass(29);
  await relay.keep();
  expect([asked, used(relay)]).toEqual([1, undefined]);
  answer = async () => name();
  await pass(1);
  await relay.keep();
  expect([asked, used(relay)]).toEqual([2, "name-2"]);
});

test("an installation without a relay is asked once", async () => {
  const relay = new Relay("/relay");
  answer = async () => new Response(JSON.stringify({ urls: [], life_s: 0, trouble: false }));
  await relay.ask();
  await pass(LIFE_S * 100);
  await relay.keep();
  expect(asked).toBe(1);
});
