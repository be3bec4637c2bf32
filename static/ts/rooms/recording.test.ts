import { expect, test } from "vitest";
import { lookOf, type RecordingFacts } from "./recording";

const FACTS: RecordingFacts = {
  state: "none",
  why: "",
  began_at: null,
  own: "none",
  may_lead: false,
  awaited: [],
  refused_by: [],
};

test("only whoever leads can ask, and nobody once somebody has refused", () => {
  expect(lookOf(FACTS, "off").steps).toEqual([]);
  expect(lookOf({ ...FACTS, may_lead: true }, "off").steps).toEqual(["ask"]);
  const refused = { ...FACTS, state: "ended", why: "refused", refused_by: ["invited"] };
  expect(lookOf({ ...refused, may_lead: true }, "off")).toEqual({
    says: "refused-invited",
    asks: false,
    steps: [],
    own: "",
  });
});

test("whoever has not answered is asked, while it is wanted", () => {
  const asked = { ...FACTS, state: "asked", awaited: [{ name: "王", name_en: "Wang" }] };
  expect(lookOf(asked, "off")).toEqual({ says: "asked", asks: true, steps: [], own: "none" });
  expect(lookOf({ ...asked, own: "agreed" }, "off").asks).toBe(false);
  expect(lookOf({ ...FACTS, state: "paused", why: "consent" }, "paused").asks).toBe(true);
});

test("what the room says of itself is shown, whatever the rows say", () => {
  const ended = { ...FACTS, state: "ended", why: "stopped", began_at: "2026-01-01T00:00:00Z" };
  expect(lookOf(ended, "on").says).toBe("on");
  expect(lookOf(ended, "off").says).toBe("stopped");
  expect(lookOf({ ...FACTS, state: "on", own: "agreed" }, "off").says).toBe("beginning");
});

test("anybody pauses, whoever leads goes on and stops", () => {
  const on = { ...FACTS, state: "on", own: "agreed" };
  expect(lookOf(on, "on").steps).toEqual(["pause"]);
  expect(lookOf({ ...on, may_lead: true }, "on").steps).toEqual(["pause", "stop"]);
  const paused = { ...on, state: "paused", why: "private", may_lead: true };
  expect(lookOf(paused, "paused").steps).toEqual(["resume", "stop"]);
});
