import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startEvents } from "../lib/events";
import { draw, find, say, setMeta, tick } from "../page.testing";
import { LiveController } from "./live_controller";
import { QueueController } from "./queue_controller";
import { StreamController } from "./stream_controller";
import { UploadsController } from "./uploads_controller";

/** A shared worker that does what the test says. */
class Worker {
  static last: Worker;
  readonly said: unknown[] = [];
  #hear: (event: { data: unknown }) => void = () => undefined;
  readonly port = {
    addEventListener: (_: string, hear: (event: { data: unknown }) => void) => {
      this.#hear = hear;
    },
    postMessage: (message: unknown) => this.said.push(message),
    start: () => undefined,
  };

  constructor(
    readonly url: string,
    readonly options: { name: string; type: string },
  ) {
    Worker.last = this;
  }

  tell(data: unknown): void {
    this.#hear({ data });
  }
}

function page(rows: string): string {
  return `<span id="badge" data-controller="stream"></span>
    <p id="queue" data-controller="queue"><span data-queue-target="text"></span></p>
    <p id="count" data-controller="live" data-live-kinds-value="case.*" data-live-object-value="c1">${rows.length}</p>
    <ul id="list" data-controller="live" data-live-kinds-value="case.*" data-live-object-value="c1">${[
      ...rows,
    ]
      .map((key) => `<li data-key="${key}"><a href="#">${key}</a></li>`)
      .join("")}</ul>`;
}

let now = "ab";
let drawn = 0;
let answers: (() => Response)[] = [];
beforeEach(async () => {
  document.head.replaceChildren();
  setMeta("account", "p1");
  setMeta("events-worker", "/static/events_worker.js");
  setMeta("journal-position", "41");
  say({
    new: "刚到",
    streamLive: "实时更新",
    streamDegraded: "实时更新已降级",
    streamWaiting: "连接中",
  });
  vi.stubGlobal("SharedWorker", Worker);
  drawn = 0;
  answers = [];
  vi.stubGlobal("fetch", async () => {
    drawn += 1;
    return answers.shift()?.() ?? new Response(page(now));
  });
  await draw(page("ab"), {
    live: LiveController,
    stream: StreamController,
    queue: QueueController,
  });
  startEvents();
});
afterEach(() => vi.restoreAllMocks());

function happen(kind: string, objectId: string, caseId: string | null = null): void {
  const entry = {
    position: 42,
    kind,
    object_type: "case",
    object_id: objectId,
    case_id: caseId,
    at: "",
  };
  Worker.last.tell({ say: "entry", entry });
}

test("one worker a person is asked, from where this page was drawn", () => {
  expect(Worker.last.options).toEqual({ name: "events p1", type: "module" });
  expect(Worker.last.said).toEqual([{ say: "hello", base: "", position: 41 }]);
  window.dispatchEvent(new Event("pagehide"));
  expect(Worker.last.said.at(-1)).toEqual({ say: "bye" });
});

test("a new row stands in its place, marked as just arrived; other news draw nothing", async () => {
  now = "xab";
  happen("referral.booked", "c1");
  happen("case.submitted", "c2");
  await tick(200);
  expect(drawn).toBe(0);
  happen("case.submitted", "c1");
  happen("report.signed", "r1", "c1");
  happen("case.assigned", "i9", "c1");
  await tick(250);
  expect(drawn).toBe(1);
  const first = find("#list").firstElementChild;
  expect(first?.getAttribute("data-key")).toBe("x");
  expect(first?.className).toBe("is-new");
  expect(first?.textContent).toContain("刚到");
});

test("all parts of a page are drawn from one answer of the server", async () => {
  now = "xab";
  happen("case.submitted", "c1");
  await tick(250);
  expect(drawn).toBe(1);
  expect(find("#count").textContent).toBe("3");
  expect(find("#list").children.length).toBe(3);
});

test("news that never pauses is drawn all the same, and not with each of its lines", async () => {
  const began = performance.now();
  for (let line = 0; line < 20; line += 1) {
    happen("case.submitted", "c1");
    await tick(40);
  }
  expect(drawn).toBeGreaterThan(1);
  expect(drawn).toBeLessThan(2 + (performance.now() - began) / 150);
});

test("of long work the page asks by itself, until it is done", async () => {
  const long = (every: number, text: string) =>
    `<p id="work" data-controller="live" data-live-every-value="${every}">${text}</p>`;
  answers = [
    () => new Response(long(0.2, "half")),
    () => new Response(long(0, "done")),
    () => new Response(long(0, "again")),
  ];
  await draw(long(0.2, "begun"), { live: LiveController });
  await vi.waitFor(() => expect(find("#work").textContent).toBe("done"), 10_000);
  await tick(500);
  expect(drawn).toBe(2);
});

test("a page that the server could not draw just now is asked for again", async () => {
  now = "xab";
  answers = [
    () => new Response("too busy", { status: 503 }),
    () => {
      throw new TypeError("cut");
    },
  ];
  happen("case.submitted", "c1");
  await tick(250);
  expect(find("#list").children.length).toBe(2);
  await tick(3200);
  expect(drawn).toBe(3);
  expect(find("#list").firstElementChild?.getAttribute("data-key")).toBe("x");
});

test("a page that is nobody's any more is left as it stands", async () => {
  answers = [() => new Response("", { status: 401 })];
  happen("case.submitted", "c1");
  await tick(1500);
  expect(drawn).toBe(1);
});

test("after a reset everything is drawn again", async () => {
  now = "b";
  Worker.last.tell({ say: "reset" });
  await tick(250);
  expect(find("#list").children.length).toBe(1);
});

test("the badge says when the page has to ask instead of being told", () => {
  Worker.last.tell({ say: "state", state: "live" });
  expect(find("#badge").textContent).toBe("实时更新");
  Worker.last.tell({ say: "state", state: "degraded" });
  expect(find("#badge").textContent).toBe("实时更新已降级");
  expect(find("#badge").classList.contains("live-off")).toBe(true);
});

test("nothing waits, nothing is said about uploads; a case page without a queue still stands", async () => {
  expect(find("#queue").hidden).toBe(true);
  document.head.replaceChildren();
  await draw(
    `<div data-controller="uploads" data-uploads-case-value="c"><div data-uploads-target="drop"></div><ul data-uploads-target="list"></ul><template data-uploads-target="row"></template></div>`,
    { uploads: UploadsController },
  );
  const drop = find("[data-uploads-target=drop]");
  drop.dispatchEvent(new Event("dragover", { cancelable: true }));
  expect(drop.className).toBe("is-over");
  drop.dispatchEvent(new Event("dragleave"));
  expect(drop.className).toBe("");
});

test("without a shared worker only the tab that is looked at holds a stream", async () => {
  vi.stubGlobal("SharedWorker", undefined);
  const open: AbortSignal[] = [];
  vi.stubGlobal("fetch", (_url: string, request: RequestInit) => {
    if (request.signal) {
      open.push(request.signal);
    }
    return new Promise(() => undefined);
  });
  const seen = vi.spyOn(document, "visibilityState", "get").mockReturnValue("visible");
  startEvents();
  expect(open.map(({ aborted }) => aborted)).toEqual([false]);
  seen.mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(open.map(({ aborted }) => aborted)).toEqual([true]);
  seen.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(open.map(({ aborted }) => aborted)).toEqual([true, false]);
  window.dispatchEvent(new Event("pagehide"));
  expect(open.every(({ aborted }) => aborted)).toBe(true);
});
