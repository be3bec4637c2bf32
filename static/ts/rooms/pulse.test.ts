import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pulse } from "./pulse";

const LOOK_MS = 500;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A connection whose checks and packets are told by the test. */
class Peer {
  connectionState = "connected";
  heard = { bytesReceived: 0, responsesReceived: 0, requestsReceived: 0 };

  async getStats(): Promise<unknown[]> {
    return [{ type: "candidate-pair", ...this.heard }];
  }
}

function open(peer: Peer): { of: { peer: RTCPeerConnection | undefined }; made: () => number } {
  const of = { peer: peer as unknown as RTCPeerConnection };
  let made = 0;
  const pulse = new Pulse(
    of,
    () => mayAct,
    async () => {
      made += 1;
    },
  );
  pulse.begin();
  return { of, made: () => made };
}

let mayAct = true;
beforeEach(() => {
  mayAct = true;
});

async function goOn(looks: number, each: () => void = () => undefined): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    each();
    await vi.advanceTimersByTimeAsync(LOOK_MS);
  }
}

test("a connection that heard its peer and hears nothing for three and a half seconds is made again", async () => {
  const peer = new Peer();
  const { made } = open(peer);
  await goOn(20, () => {
    peer.heard.bytesReceived += 1000;
  });
  await goOn(6);
  expect(made()).toBe(0);
  await goOn(1);
  expect(made()).toBe(1);
});

test("nobody sends anything, and the answers to a browser's own checks are enough", async () => {
  const peer = new Peer();
  const { made } = open(peer);
  for (let check = 0; check < 20; check += 1) {
    peer.heard.responsesReceived += 1;
    await goOn(6);
  }
  expect(made()).toBe(0);
});

test("it is made again when the line that was cut with it stands, not before", async () => {
  const peer = new Peer();
  peer.heard.requestsReceived = 1;
  const { made } = open(peer);
  mayAct = false;
  await goOn(30);
  expect(made()).toBe(0);
  mayAct = true;
  await goOn(1);
  expect(made()).toBe(1);
});

test("one that is being made has ten seconds, for it may have to go by a relay", async () => {
  const { made } = open(new Peer());
  await goOn(19);
  expect(made()).toBe(0);
  await goOn(1);
  expect(made()).toBe(1);
});

test("what the browser itself takes for cut is given up within a second and a half", async () => {
  const peer = new Peer();
  peer.heard.bytesReceived = 1;
  const { made } = open(peer);
  await goOn(1);
  peer.connectionState = "disconnected";
  peer.heard.bytesReceived = 0; // with the network went what is known of it
  await goOn(2);
  expect(made()).toBe(0);
  await goOn(1);
  expect(made()).toBe(1);
});

test("of a new connection the silence of the one before counts for nothing", async () => {
  const peer = new Peer();
  peer.heard.bytesReceived = 1;
  const { of, made } = open(peer);
  await goOn(6);
  const next = new Peer();
  next.heard.bytesReceived = 1;
  of.peer = next as unknown as RTCPeerConnection;
  await goOn(6);
  expect(made()).toBe(0);
});

test("where there is no connection nothing is made", async () => {
  const { of, made } = open(new Peer());
  of.peer = undefined;
  await goOn(60);
  expect(made()).toBe(0);
});
