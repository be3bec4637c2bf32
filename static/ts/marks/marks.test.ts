import { beforeEach, expect, test, vi } from "vitest";
import { json, serve, tick } from "../page.testing";
import { Keeping } from "./keeping";
import { measured } from "./measure";
import { type Drawing, isSame, type Mark, newId, type Place, type Sheet } from "./model";
import { Saver, type Where } from "./saver";
import {
  distanceTo,
  ellipseIn,
  inOrder,
  lengthened,
  moved,
  pathOf,
  pulled,
  simplified,
} from "./shapes";
import { MarkStore } from "./store";

const SIZE = { columns: 100, rows: 80 };
const ONE = { across: 1, down: 1 };

function mark(tool: Mark["tool"], points: Place[], more: Partial<Mark> = {}): Mark {
  return {
    id: newId(),
    tool,
    image_id: "a",
    frame: 1,
    points,
    label: "",
    lesion: null,
    eye: null,
    ...more,
  };
}

const pixels = (n: string) => `${n} px`;

test("a name is of 26 letters, and never the same twice", () => {
  expect(newId()).toMatch(/^[0-9A-Z]{26}$/);
  expect(newId()).not.toBe(newId());
});

test("an ellipse is told by the ends of its longer axis, then of the other", () => {
  expect(ellipseIn([10, 10], [50, 30])).toEqual([
    [10, 20],
    [50, 20],
    [30, 10],
    [30, 30],
  ]);
  expect(ellipseIn([10, 10], [30, 50]).slice(0, 2)).toEqual([
    [20, 10],
    [20, 50],
  ]);
});

test("an axis that is pulled turns about the centre, and the other one keeps its length", () => {
  const drawn = mark("ellipse", ellipseIn([10, 30], [50, 50]));
  const points = pulled(drawn, 1, [30, 60]);
  expect(points[1]).toEqual([30, 60]);
  expect(points[0]).toEqual([30, 20]);
  const [, , c = [0, 0], d = [0, 0]] = points;
  expect(Math.hypot(c[0] - d[0], c[1] - d[1])).toBeCloseTo(20);
  expect((c[0] - d[0]) * 0 + (c[1] - d[1]) * 40).toBeCloseTo(0);
  expect(inOrder("ellipse", [...points.slice(2), ...points.slice(0, 2)])[0]).toEqual(points[0]);
});

test("a corner of a rectangle is pulled, the opposite one stays", () => {
  const drawn = mark("rectangle", [
    [10, 10],
    [20, 30],
  ]);
  expect(pulled(drawn, 1, [50, 5])).toEqual([
    [10, 30],
    [50, 5],
  ]);
});

test("a mark is moved as a whole and never out of its picture", () => {
  const points: Place[] = [
    [10, 10],
    [30, 20],
  ];
  expect(moved(points, [-50, 90], SIZE)).toEqual([
    [0, 70],
    [20, 80],
  ]);
});

test("a line is hit near it on the screen, whatever the shape of a pixel", () => {
  const drawn = mark("length", [
    [10, 10],
    [30, 10],
  ]);
  expect(distanceTo(drawn, [20, 14], ONE)).toBeCloseTo(4);
  expect(distanceTo(drawn, [20, 14], { across: 1, down: 3 })).toBeCloseTo(12);
  const round = mark("ellipse", ellipseIn([0, 0], [40, 40]));
  expect(distanceTo(round, [20, 20], ONE)).toBeGreaterThan(19);
});

test("a freehand line keeps its shape with few points, and never more than five thousand", () => {
  const straight = Array.from({ length: 50 }, (_, at): Place => [at, at]);
  expect(simplified(straight, 0.5)).toEqual([
    [0, 0],
    [49, 49],
  ]);
  const wild = Array.from({ length: 12_000 }, (_, at): Place => [at / 100, (at % 2) * 20]);
  const drawn = wild.reduce<readonly Place[]>(lengthened, []);
  expect(simplified(drawn, 0.5).length).toBeLessThanOrEqual(5_000);
  expect(drawn[0]).toEqual(wild[0]);
  expect(drawn.at(-1)).toEqual(wild.at(-1));
});

test("paths are in the picture's own pixels, and closed where the shape is", () => {
  expect(
    pathOf(
      mark("rectangle", [
        [1, 2],
        [3, 4],
      ]),
    ),
  ).toBe("M1 2L3 2L3 4L1 4Z");
  expect(
    pathOf(
      mark("arrow", [
        [1.25, 2],
        [3, 4],
      ]),
    ),
  ).toBe("M1.25 2L3 4");
  expect(pathOf(mark("point", [[1, 2]]))).toBe("");
});

test("millimetres stand only where a pixel's size is known; then disc diameters, then pixels", () => {
  const line = mark("length", [
    [0, 0],
    [30, 40],
  ]);
  const disc = mark("disc", ellipseIn([0, 0], [30, 20]));
  expect(measured(line, [line], { row: 0.5, column: 0.5 }, pixels)).toBe("25.0 mm");
  expect(measured(line, [line, disc], { row: 0.5, column: 0.5 }, pixels)).toBe("25.0 mm");
  expect(measured(line, [line, disc], null, pixels)).toBe("2.00 DD");
  expect(measured(line, [line, { ...disc, frame: 2 }], null, pixels)).toBe("50.0 px");
  expect(measured(line, [line], { row: 1, column: 0 + 1 / 3 }, pixels)).toBe("41.2 mm");
});

test("an angle is the patient's where pixels are not square", () => {
  const angle = mark("angle", [
    [10, 0],
    [0, 0],
    [10, 10],
  ]);
  expect(measured(angle, [], null, pixels)).toBe("45.0°");
  expect(measured(angle, [], { row: 2, column: 1 }, pixels)).toBe("63.4°");
});

test("each step is taken back and done again, and a new one ends what was taken back", () => {
  const store = new MarkStore({ marks: [], key_images: [] }, () => undefined);
  const [one, two] = [mark("point", [[1, 1]]), mark("point", [[2, 2]])];
  store.put(one);
  store.put(two);
  store.put({ ...one, label: "x" });
  store.undo();
  store.undo();
  expect(store.drawing.marks).toEqual([one]);
  store.redo();
  expect(store.drawing.marks).toEqual([one, two]);
  store.remove(one.id);
  expect(store.canRedo).toBe(false);
  store.undo();
  expect(store.drawing.marks).toEqual([one, two]);
});

const AUTHOR = { id: "p", name: "", name_en: "" };

function sheet(revision: number, drawing: Drawing): Sheet {
  return { author: AUTHOR, is_mine: true, revision, saved_at: null, ...drawing };
}

function open(from: Sheet, page = newId()) {
  const told: Where[] = [];
  const leaving = new AbortController();
  const keeping = new Keeping("case", page);
  const store: MarkStore = new MarkStore(from, () => saver.touched());
  const saver: Saver = new Saver("/marks", from, {
    keeping,
    store: () => store,
    tell: (where) => told.push(where),
    signal: leaving.signal,
  });
  return { told, store, saver, keeping, leave: () => leaving.abort() };
}

beforeEach(() => {
  localStorage.clear();
  vi.unstubAllGlobals();
});

const EMPTY: Drawing = { marks: [], key_images: [] };

test("what is drawn is sent with the revision that it was drawn on, and then kept nowhere here", async () => {
  const { store, saver, told } = open(sheet(3, EMPTY));
  const asked = serve(({ body }) => json({ ...sheet(4, body as Drawing), saved_at: null }));
  store.put(mark("point", [[1, 1]]));
  expect(localStorage.length).toBe(1);
  expect(await saver.flush()).toBe(true);
  expect(asked.map(({ method, body }) => [method, (body as Sheet).revision])).toEqual([["PUT", 3]]);
  expect(localStorage.length).toBe(0);
  expect(told.at(-1)?.kind).toBe("saved");
});

test("without a line it stays in this browser, and the next page of the case sends it", async () => {
  const first = open(sheet(0, EMPTY));
  serve(() => Promise.reject(new TypeError("no line")));
  const drawn = mark("point", [[1, 1]]);
  first.store.put(drawn);
  expect(await first.saver.flush()).toBe(false);
  expect(first.told.at(-1)?.kind).toBe("kept");
  const kept = new Keeping("case", newId()).take();
  expect(kept?.marks).toEqual([drawn]);
  expect(kept?.revision).toBe(0);
});

test("another window's sheet is never overwritten unasked: the reader takes it, or puts hers on top", async () => {
  const elsewhere = sheet(1, { marks: [mark("point", [[9, 9]])], key_images: [] });
  let revision = 1;
  const asked = serve(({ method, body }) => {
    if (method === "GET") {
      return json({ sheets: [elsewhere] });
    }
    const told = body as Sheet;
    return told.revision === revision
      ? json(sheet(++revision, told))
      : json({ code: "marks-moved-on" }, 409);
  });
  for (const isMine of [false, true]) {
    revision = 1;
    const { store, saver, told } = open(sheet(0, EMPTY));
    store.put(mark("point", [[1, 1]]));
    expect(await saver.flush()).toBe(false);
    expect(told.at(-1)?.kind).toBe("clash");
    store.put(mark("point", [[2, 2]]));
    expect(await saver.flush()).toBe(false);
    expect(asked.filter(({ method }) => method === "PUT").length).toBe(isMine ? 3 : 1);
    if (isMine) {
      await saver.putMine();
      expect(revision).toBe(2);
    } else {
      const theirs = saver.takeTheirs();
      store.step({ marks: theirs?.marks ?? [] });
      expect(isSame(store.drawing, elsewhere)).toBe(true);
      store.undo();
      expect(store.drawing.marks.length).toBe(2);
      await saver.flush();
    }
  }
});

test("two windows with the same marks have nothing to choose", async () => {
  const { store, saver, told } = open(sheet(0, EMPTY));
  serve(({ method }) =>
    method === "GET"
      ? json({ sheets: [sheet(1, store.drawing)] })
      : json({ code: "marks-moved-on" }, 409),
  );
  store.put(mark("point", [[1, 1]], { label: "cafe\u0301" }));
  expect(await saver.flush()).toBe(true);
  expect(told.some(({ kind }) => kind === "clash")).toBe(false);
  expect(localStorage.length).toBe(0);
});

test("marks on an older sheet than the server's are not sent before the reader chooses", async () => {
  const now = sheet(5, { marks: [], key_images: ["b"] });
  const { store, saver, told } = open(now);
  const asked = serve(() => json({}, 500));
  const kept = { marks: [mark("point", [[1, 1]])], key_images: [], revision: 4, at: "2026" };
  store.step(kept);
  saver.resume(kept, now);
  expect(told.at(-1)?.kind).toBe("clash");
  await tick(5);
  expect(await saver.flush()).toBe(false);
  expect(asked).toEqual([]);
});

test("a room that is left sends its marks once and says nothing in the next room", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const asked = serve(() => json({ code: "case-not-yours" }, 403));
    const { store, saver, told, leave } = open(sheet(0, EMPTY));
    store.put(mark("point", [[1, 1]]));
    leave();
    const before = told.length;
    await vi.advanceTimersByTimeAsync(60_000);
    saver.again();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked.length, told.length, localStorage.length]).toEqual([1, before, 1]);
  } finally {
    vi.useRealTimers();
  }
});

test("marks that the next room has taken up are not kept a second time by the one before", async () => {
  let refuse: () => void = () => undefined;
  const asked = serve(
    () => new Promise((_, fail) => (refuse = () => fail(new TypeError("no line")))),
  );
  const first = open(sheet(0, EMPTY), "first");
  first.store.put(mark("point", [[1, 1]]));
  first.leave();
  await vi.waitFor(() => expect(asked.length).toBe(1));
  const next = open(sheet(0, EMPTY), "next");
  expect(next.keeping.take()?.marks).toEqual(first.store.drawing.marks);
  refuse();
  await tick(10);
  expect(Object.keys(localStorage).length).toBe(1);
});
