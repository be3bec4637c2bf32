import { expect, test } from "vitest";
import { Counters } from "./counters";

type Report = Record<string, unknown>;

/** A connection that counts what it is told to. */
function connection(): { peer: RTCPeerConnection; counts: (...reports: Report[]) => void } {
  const stats: Report[] = [];
  const peer = { getStats: async () => stats } as unknown as RTCPeerConnection;
  return { peer, counts: (...reports) => stats.splice(0, stats.length, ...reports) };
}

function stream(packetsReceived: number, packetsLost: number, more: Report = {}): Report {
  return { type: "inbound-rtp", packetsReceived, packetsLost, ...more };
}

test("what was lost is counted since the last look, over all that comes", async () => {
  const { peer, counts } = connection();
  const counters = new Counters();
  counts(stream(500, 500));
  await counters.look(peer, true);
  counts(stream(560, 510), stream(30, 0));
  expect(await counters.look(peer, true)).toEqual({ lost: 0.1, roundTripMs: 0, arrives: true });
});

test("a new connection begins at nothing, whatever the one before had counted", async () => {
  const [old, fresh] = [connection(), connection()];
  const counters = new Counters();
  old.counts(stream(5000, 0));
  await counters.look(old.peer, true);
  fresh.counts(stream(30, 10));
  expect(await counters.look(fresh.peer, true)).toMatchObject({ lost: 0.25, arrives: true });
});

test("a line stands still when nothing came, and waits when nobody sends", async () => {
  const { peer, counts } = connection();
  const counters = new Counters();
  counts(stream(100, 0));
  await counters.look(peer, true);
  expect(await counters.look(peer, true)).toMatchObject({ lost: 0, arrives: false });
  expect(await counters.look(peer, false)).toMatchObject({ lost: 0, arrives: undefined });
  expect(await counters.look(undefined, true)).toMatchObject({ lost: 0, arrives: false });
});

test("packets that came twice are no gain: fewer than none lost is none", async () => {
  const { peer, counts } = connection();
  counts(stream(90, 10), stream(0, -10));
  expect(await new Counters().look(peer, true)).toMatchObject({ lost: 0.1 });
});

test("the server keeps the largest picture and the way that is used, a minute at most", async () => {
  const { peer, counts } = connection();
  const counters = new Counters();
  counts(
    stream(876, 124, { frameWidth: 1280, frameHeight: 720 }),
    stream(0, 0, { frameWidth: 320, frameHeight: 180 }),
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.0456 },
    { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
  );
  const stretch = await counters.look(peer, true);
  const kept = { lost_per_mille: 124, round_trip_ms: 46, width: 1280, height: 720 };
  expect(counters.sample(stretch)).toEqual(kept);
  expect(counters.sample({ ...stretch, roundTripMs: 70_000 }).round_trip_ms).toBe(60_000);
});
