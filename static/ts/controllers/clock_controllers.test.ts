import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { draw, find, json, say, serve, tick } from "../page.testing";
import { DueController } from "./due_controller";
import { HoldController } from "./hold_controller";
import { LeaseController } from "./lease_controller";

const NOW = new Date("2026-01-05T01:24:00Z").getTime();

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["setInterval", "clearInterval", "Date"] });
  say({ left: "剩 {time}", over: "已超 {time}", daysHours: "{d} 天 {h} 小时" });
  say({ hoursMinutes: "{h} 小时 {m} 分", hours: "{h} 小时", minutes: "{m} 分" });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function due(at: string): string {
  return `<span class="due" data-controller="due" data-due-at="${at}"><svg><use href="/i.svg#i-clock"/></svg><time>x</time> <small></small></span>`;
}

test.each([
  ["2026-01-05T09:52:00+08:00", "剩 28 分", "due-soon", "wait"],
  ["2026-01-05T10:30:00+08:00", "剩 1 小时 6 分", "due-soon", "wait"],
  ["2026-01-05T14:00:00+08:00", "剩 4 小时", "", "clock"],
  ["2026-01-08T10:24:00+08:00", "剩 3 天 1 小时", "", "clock"],
  ["2026-01-05T09:20:00+08:00", "已超 4 分", "due-over", "alert"],
])("a promise for %s is shown as %s", async (at, text, look, sign) => {
  await draw(due(at), { due: DueController });
  expect(find("small").textContent).toBe(text);
  expect(find(".due").className.replace("due", "").trim()).toBe(look);
  expect(find("use").getAttribute("href")).toBe(`/i.svg#i-${sign}`);
});

test("time goes on while the page stands", async () => {
  await draw(due("2026-01-05T09:25:30+08:00"), { due: DueController });
  expect(find("small").textContent).toBe("剩 1 分");
  vi.advanceTimersByTime(3 * 60_000);
  expect(find("small").textContent).toBe("已超 1 分");
});

test("a held slot counts down, then says that it is gone", async () => {
  const over = vi.fn();
  document.addEventListener("hold:over", over);
  await draw(
    `<section data-controller="hold" data-hold-until-value="2026-01-05T01:25:30Z">
      <span data-hold-target="left"></span><progress max="900" data-hold-target="bar"></progress>
      <button data-hold-target="open">确认预约</button><p data-hold-target="over" hidden>号已放回</p></section>`,
    { hold: HoldController },
  );
  expect(find("span").textContent).toBe("1:30");
  vi.advanceTimersByTime(89_000);
  expect(find("span").textContent).toBe("0:01");
  expect(find("button").hidden).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(find("span").textContent).toBe("0:00");
  expect(find("button").hidden).toBe(true);
  expect(find("p").hidden).toBe(false);
  expect(over).toHaveBeenCalledOnce();
});

test("a fresh hold never shows more than its quarter of an hour", async () => {
  await draw(
    `<section data-controller="hold" data-hold-until-value="2026-01-05T01:39:02.500Z" data-hold-most-value="900">
      <span data-hold-target="left"></span><progress max="900" data-hold-target="bar"></progress></section>`,
    { hold: HoldController },
  );
  expect(find("span").textContent).toBe("15:00");
  vi.advanceTimersByTime(3000);
  expect(find("span").textContent).toBe("15:00");
  vi.advanceTimersByTime(1000);
  expect(find("span").textContent).toBe("14:59");
});

test("a lease is renewed while the page is open, hidden too, and its loss is said once", async () => {
  let status = 200;
  const asked = serve(() => json({ detail: "x" }, status));
  await draw(
    `<div data-controller="lease" data-lease-url-value="/api/queue/7/lease" data-lease-every-value="60"><p data-lease-target="lost" hidden>占用已到期</p></div>`,
    { lease: LeaseController },
  );
  vi.advanceTimersByTime(59_000);
  expect(asked.length).toBe(0);
  vi.advanceTimersByTime(62_000);
  expect(asked.length).toBe(2);
  const seen = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  vi.advanceTimersByTime(120_000);
  expect(asked.length).toBe(4);
  status = 409;
  vi.advanceTimersByTime(60_000);
  seen.mockReturnValue("visible");
  expect(asked.length).toBe(5);
  await tick();
  expect(find("p").hidden).toBe(false);
  vi.advanceTimersByTime(300_000);
  expect(asked.length).toBe(5);
});
