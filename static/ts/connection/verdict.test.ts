import { expect, test } from "vitest";
import { isPoor, verdictOf } from "./verdict";

const well = {
  secure: "https",
  camera: "ok",
  microphone: "ok",
  line: "ok",
  direct: "ok",
  udp: "ok",
  tcp: "ok",
  tls: "ok",
  quality: "good",
};
const shut = { direct: "no-media", udp: "no-relay", tcp: "no-relay", tls: "no-relay" };

test.each([
  ["good", {}],
  ["good", { udp: "not-set", tcp: "not-set", tls: "not-set" }],
  ["insecure", { secure: "plain", line: "no-line" }],
  ["no-line", { line: "no-line", camera: "denied" }],
  ["off", { direct: "off", udp: "place" }],
  ["away", { direct: "away", udp: "refused" }],
  ["busy", { direct: "busy" }],
  ["busy", { ...shut, tls: "busy" }],
  ["blocked", { ...shut, camera: "denied" }],
  ["udp", { direct: "no-media" }],
  ["tcp", { ...shut, tcp: "ok", tls: "ok" }],
  ["tls", { ...shut, tls: "ok" }],
  ["devices", { camera: "none" }],
  ["devices", { ...shut, tls: "ok", microphone: "denied" }],
  ["good", { microphone: "silent" }],
  ["poor", { quality: "poor" }],
])("the first thing that must be mended is said: %s", (verdict, changed) => {
  expect(verdictOf({ ...well, ...changed })).toBe(verdict);
});

test("a line is poor that loses one packet in twenty, or takes long", () => {
  const good = { lostOut: 0.05, lostIn: 0.05, roundTripMs: 400 };
  expect(isPoor(good)).toBe(false);
  for (const changed of [{ lostOut: 0.06 }, { lostIn: 0.06 }, { roundTripMs: 401 }]) {
    expect(isPoor({ ...good, ...changed })).toBe(true);
  }
});
