import { afterEach, beforeEach, expect, test, vi } from "vitest";

const NOW = new Date("2026-01-05T01:24:00Z").getTime();

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function told(at: string): void {
  const clock = document.createElement("meta");
  clock.name = "server-now";
  clock.content = at;
  document.head.replaceChildren(clock);
}

test("a clock that is first asked minutes after the page came is still right", async () => {
  told("2026-01-05T01:21:00Z");
  vi.spyOn(performance, "timeOrigin", "get").mockReturnValue(NOW - 180_400);
  const answer = { responseStart: 400 } as PerformanceNavigationTiming;
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([answer]);
  const { serverNow } = await import("./now");
  expect(serverNow()).toBe(NOW);
});

test("a computer that is two minutes slow is put right", async () => {
  told("2026-01-05T01:26:00Z");
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([]);
  const { serverNow } = await import("./now");
  expect(serverNow()).toBe(NOW + 120_000);
});
