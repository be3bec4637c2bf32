// @vitest-environment node
import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openBrowser, TusServer } from "./browser.testing";
import { lookFirst } from "./first_look";
import { choose, Pace } from "./pace";
import { UploadQueue } from "./queue";
import type { News, UploadRow } from "./row";
import { openStore } from "./store";
import type { QueuePace } from "./timing";
import { takeTurn } from "./turn";

const PACE = {
  look: 30,
  offline: 20,
  longestOffline: 60,
  result: 5,
  patience: 60_000,
  hold: 20,
  share: 100,
};
const MEGABYTE = 1024 * 1024;
let server: TusServer;
const queues: UploadQueue[] = [];

beforeEach(async () => {
  openBrowser();
  server = new TusServer();
  await server.open();
});
afterEach(() => {
  for (const queue of queues.splice(0)) {
    queue.stop();
  }
  server.close();
  vi.unstubAllGlobals();
});

function sha(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function photograph(name: string, size = 2.5 * MEGABYTE): { file: File; sha: string } {
  const bytes = randomBytes(size);
  const file = new File([bytes], name, { type: "image/jpeg", lastModified: 1_767_575_520_000 });
  return { file, sha: sha(bytes) };
}

function open(account = "p1", pace: Partial<QueuePace> = {}): { queue: UploadQueue; news: News[] } {
  const queue = new UploadQueue(account, server.endpoint, { ...PACE, ...pace });
  queues.push(queue);
  const news: News[] = [];
  queue.listen(new AbortController().signal, (one) => news.push(one));
  return { queue, news };
}

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 400; turn += 1) {
    if (await is()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it did not come to that");
}

function arrived(): string[] {
  return [...server.uploads.values()].map(({ bytes }) => sha(bytes)).sort();
}

test("four photographs arrive whole, for their case, and nothing of them stays in the browser", async () => {
  const { queue, news } = open();
  const pictures = ["右眼 1.JPG", "2.JPG", "3.JPG", "4.JPG"].map((name) => photograph(name));
  await queue.add(
    "case-7",
    pictures.map(({ file }) => file),
  );
  await until(async () => (await queue.list()).length === 0);
  expect(arrived()).toEqual(pictures.map((picture) => picture.sha).sort());
  const first = [...server.uploads.values()][0]?.metadata;
  expect(first).toMatchObject({
    filename: "右眼 1.JPG",
    filetype: "image/jpeg",
    case_id: "case-7",
    last_modified: "1767575520000",
  });
  expect(new Set([...server.uploads.values()].map(({ metadata }) => metadata.batch_id)).size).toBe(
    1,
  );
  expect(new Set(server.methods)).toEqual(new Set(["POST", "POST+HEAD", "POST+PATCH", "GET"]));
  expect(news.filter(({ say }) => say === "result").length).toBe(4);
  await until(() => localStorage.length === 0);
});

test("a batch waits for no picture after its first one", async () => {
  const { queue, news } = open();
  const reading = vi.fn(() => new Promise(() => undefined));
  vi.stubGlobal("createImageBitmap", reading.mockRejectedValueOnce(new Error("unreadable")));
  const pictures = ["1.jpg", "2.jpg", "3.jpg"].map((name) => photograph(name));
  await queue.add(
    "case-1",
    pictures.map(({ file }) => file),
  );
  await until(async () => (await queue.list()).length === 0);
  expect(arrived()).toEqual(pictures.map((picture) => picture.sha).sort());
  expect(news.filter(({ say }) => say === "looked")).toEqual([]);
});

test("what a first look said is there for a part of the page that is drawn after it", async () => {
  const { queue, news } = open("p1", { hold: 60_000 });
  const bitmap = { width: 8, height: 8, close: () => undefined };
  vi.stubGlobal("createImageBitmap", async () => bitmap);
  const canvas = {
    getContext: () => ({ drawImage: () => undefined }),
    toBlob: (take: (copy: Blob) => void) => take(new Blob(["x"])),
  };
  vi.spyOn(document, "createElement").mockReturnValue(canvas as unknown as HTMLElement);
  const line = fetch;
  const glance = { verdict: "retake", sentence: "初看：模糊。" };
  vi.stubGlobal("fetch", (url: string | URL, request: RequestInit) =>
    String(url).endsWith("/first-look")
      ? Promise.resolve(new Response(JSON.stringify(glance)))
      : line(url, request),
  );
  choose({ paused: true });
  const names = ["1.jpg", "2.jpg", "3.jpg", "4.jpg"];
  const rows = await queue.add(
    "case-1",
    names.map((name) => photograph(name, 1000).file),
  );
  await until(() => news.filter(({ say }) => say === "looked").length === names.length);
  expect(rows.map(({ id }) => queue.lookAt(id))).toEqual(names.map(() => glance));
  choose({ paused: false });
  await until(async () => (await queue.list()).length === 0);
  expect(rows.map(({ id }) => queue.lookAt(id))).toEqual(names.map(() => undefined));
});

test("a first look has an end even where reading the picture has none", async () => {
  vi.stubGlobal("createImageBitmap", () => new Promise(() => undefined));
  const { queue } = open();
  queue.stop();
  const [row] = await queue.add("case-1", [photograph("1.jpg", 1000).file]);
  expect(await lookFirst(row as UploadRow, 20)).toBeNull();
});

test("a line that swallows a request costs its patience, not the queue", async () => {
  const { queue } = open("p1", { patience: 300 });
  const one = photograph("OD_1.jpg");
  server.swallow = 1;
  await queue.add("case-1", [one.file]);
  await until(async () => (await queue.list()).length === 0);
  expect(arrived()).toEqual([one.sha]);
});

test("an upload that was cut goes on from where it was, on the next page", async () => {
  const before = open();
  const picture = photograph("a.jpg", 4 * MEGABYTE);
  server.cutAfter = 4;
  await before.queue.add("case-7", [picture.file]);
  await until(() => before.news.some(({ say }) => say === "offline"));
  before.queue.stop();
  localStorage.clear();
  const [kept] = [...server.uploads.values()];
  const had = kept?.bytes.length ?? 0;
  expect(had).toBeGreaterThan(0);
  expect(had).toBeLessThan(4 * MEGABYTE);

  server.cutAfter = Number.POSITIVE_INFINITY;
  server.methods.length = 0;
  const after = open();
  after.queue.wake();
  await until(async () => (await after.queue.list()).length === 0);
  expect(arrived()).toEqual([picture.sha]);
  expect(server.methods[0]).toBe("POST+HEAD");
  expect(server.uploads.size).toBe(1);
});

test("when the line comes back the queue goes on by itself and says so", async () => {
  const { queue, news } = open();
  const picture = photograph("a.jpg");
  server.cutAfter = 1;
  await queue.add("case-7", [picture.file]);
  await until(() => news.some(({ say }) => say === "offline"));
  server.cutAfter = Number.POSITIVE_INFINITY;
  await until(async () => (await queue.list()).length === 0);
  expect(news.some(({ say }) => say === "online")).toBe(true);
  expect(arrived()).toEqual([picture.sha]);
});

test("a refusal is told in the server's words, and the next file goes on", async () => {
  const { queue, news } = open();
  server.refuse = { status: 422, detail: "暂不接收 DICOMDIR。" };
  await queue.add("case-7", [photograph("DICOMDIR", 100).file]);
  await until(async () => (await queue.list()).length === 0);
  const said = news.find((one) => one.say === "result");
  expect(said?.say === "result" && said.result).toMatchObject({
    status: "refused",
    sentence: "暂不接收 DICOMDIR。",
  });
  server.refuse = undefined;
  await queue.add("case-7", [photograph("b.jpg", 100).file]);
  await until(async () => (await queue.list()).length === 0);
  expect(server.uploads.size).toBe(1);
});

test("who is signed out keeps the files until the same person is back", async () => {
  const { queue } = open();
  server.refuse = { status: 401, detail: "" };
  const picture = photograph("a.jpg", 100);
  await queue.add("case-7", [picture.file]);
  await until(() => server.methods.length > 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(server.methods).toEqual(["POST", "POST"]);
  server.refuse = undefined;
  const somebodyElse = open("p2").queue;
  somebodyElse.wake();
  expect((await somebodyElse.list()).length).toBe(0);
  const back = open("p1").queue;
  back.wake();
  await until(async () => (await back.list()).length === 0);
  expect(arrived()).toEqual([picture.sha]);
});

test("what a locked session refused goes on from the same page once it is unlocked", async () => {
  const { queue } = open();
  server.refuse = { status: 401, detail: "" };
  const picture = photograph("a.jpg", 100);
  await queue.add("case-7", [picture.file]);
  await until(() => server.methods.length > 1);
  queue.wake();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(server.methods).toEqual(["POST", "POST"]);
  server.refuse = undefined;
  queue.goOn();
  await until(async () => (await queue.list()).length === 0);
  expect(arrived()).toEqual([picture.sha]);
});

test("an upload the server has forgotten is sent again", async () => {
  const { queue } = open();
  const picture = photograph("a.jpg", 1000);
  server.cutAfter = 2;
  await queue.add("case-7", [picture.file]);
  await until(() => server.methods.length > 2);
  server.uploads.clear();
  server.cutAfter = Number.POSITIVE_INFINITY;
  await until(async () => (await queue.list()).length === 0);
  expect(arrived()).toEqual([picture.sha]);
});

test("signing out wipes the files of everybody and stops the sending in every tab", async () => {
  const one = open();
  const other = open();
  server.cutAfter = 0;
  await one.queue.add("case-7", [photograph("a.jpg").file]);
  await one.queue.wipe();
  await until(async () => (await (await openStore()).list("p1")).length === 0);
  const asked = server.methods.length;
  server.cutAfter = Number.POSITIVE_INFINITY;
  other.queue.wake();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.methods.length - asked).toBeLessThanOrEqual(1);
  expect(server.uploads.size).toBe(0);
});

test("only one tab sends; the second takes over when the first is gone", async () => {
  let release: () => void = () => undefined;
  const first = takeTurn("one", () => new Promise((resolve) => (release = resolve)));
  expect(await takeTurn("two", async () => undefined)).toBe(false);
  release();
  expect(await first).toBe(true);
  expect(await takeTurn("two", async () => undefined)).toBe(true);
  localStorage.setItem(
    "lianzhen-uploads",
    JSON.stringify({ holder: "dead", until: Date.now() - 1 }),
  );
  expect(await takeTurn("two", async () => undefined)).toBe(true);
  localStorage.setItem("lianzhen-uploads", "{broken");
  expect(await takeTurn("two", async () => undefined)).toBe(true);
});

test("where the browser has locks, they decide", async () => {
  let free = true;
  vi.stubGlobal("navigator", {
    locks: {
      request: (_name: string, _how: object, work: (lock: object | null) => unknown) =>
        work(free ? {} : null),
    },
  });
  const worked = vi.fn(async () => undefined);
  expect(await takeTurn("one", worked)).toBe(true);
  free = false;
  expect(await takeTurn("two", worked)).toBe(false);
  expect(worked).toHaveBeenCalledOnce();
  expect(localStorage.length).toBe(0);
});

test("a browser that forbids its database still sends while the page is open", async () => {
  vi.stubGlobal("indexedDB", {
    open: () => {
      throw new DOMException("no", "SecurityError");
    },
  });
  const store = await openStore();
  const row: UploadRow = {
    id: "1",
    account: "p1",
    case_id: "c",
    batch_id: "b",
    name: "n",
    type: "",
    size: 1,
    last_modified: 0,
    added_at: 0,
    file: new Blob(["x"]),
    upload_url: null,
    sent: 0,
  };
  await store.add([row]);
  await store.update("1", { sent: 1 });
  expect((await store.list("p1")).map(({ sent }) => sent)).toEqual([1]);
  await store.remove("1");
  await store.add([row]);
  await store.wipe();
  expect(await store.list("p1")).toEqual([]);
});

test("a DICOM directory goes last, when the files that it names have been judged", async () => {
  const { queue, news } = open();
  const pictures = ["DICOMDIR", "I1", "I2"].map((name) => photograph(name, 1000));
  const rows = await queue.add(
    "case-7",
    pictures.map(({ file }) => file),
  );
  await until(async () => (await queue.list()).length === 0);
  const judged = news.filter(({ say }) => say === "result");
  expect(judged.map((one) => "id" in one && one.id).at(-1)).toBe(rows[0]?.id);
  expect(judged).toHaveLength(3);
});

test("the server knows of every file while nothing is sent, and a pause is over when it is over", async () => {
  const { queue } = open();
  choose({ paused: true });
  const pictures = ["1.jpg", "2.jpg", "3.jpg"].map((name) => photograph(name, 1000));
  await queue.add(
    "case-7",
    pictures.map(({ file }) => file),
  );
  await until(() => server.uploads.size === 3);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([...server.uploads.values()].map(({ bytes }) => bytes.length)).toEqual([0, 0, 0]);
  choose({ paused: false });
  await until(async () => (await queue.list()).length === 0);
  expect(arrived()).toEqual(pictures.map((picture) => picture.sha).sort());
  expect(server.uploads.size).toBe(3);
});

test("files that are given up at sign-out are taken back from the server", async () => {
  const { queue } = open();
  choose({ paused: true });
  await queue.add("case-7", [photograph("1.jpg", 1000).file, photograph("2.jpg", 1000).file]);
  await until(async () => (await queue.list()).every(({ upload_url }) => upload_url !== null));
  await queue.giveUp();
  expect(server.methods.filter((method) => method === "POST+DELETE")).toHaveLength(2);
  await queue.wipe();
  expect(localStorage.getItem("lianzhen-upload-pace")).toBeNull();
});

test("a quarter of the line leaves three quarters of the time to others, until it is unbound", async () => {
  vi.useFakeTimers();
  try {
    const pace = new Pace(25, () => false);
    let went = 0;
    const next = () => pace.turn().then(() => (went += 1));
    await next();
    vi.advanceTimersByTime(1000);
    pace.sent(100_000);
    expect(pace.pieceBytes).toBe(150_000);
    void next();
    await vi.advanceTimersByTimeAsync(2900);
    expect(went).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(went).toBe(2);
    vi.advanceTimersByTime(1000);
    pace.sent(100_000);
    choose({ bounded: false });
    void next();
    await vi.advanceTimersByTimeAsync(400);
    expect(went).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});
