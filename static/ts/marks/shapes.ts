import { type Mark, type Place, ROUND, type Tool } from "./model";

const ROUND_STEPS = 64;
/** A freehand line has at most so many points (the server refuses more). */
const MOST_POINTS = 5_000;
const PIECE = 500;

interface Size {
  columns: number;
  rows: number;
}

/** How many screen pixels one pixel of the picture takes. */
export interface Enlarged {
  across: number;
  down: number;
}

export function within([column, row]: Place, { columns, rows }: Size): Place {
  const kept = (value: number, most: number) => Math.min(Math.max(value, 0), most) + 0;
  return [kept(column, columns), kept(row, rows)];
}

/** The ends of both axes of the ellipse in a box, the longer axis first (PS3.3 C.18.6.1.2). */
export function ellipseIn([x1, y1]: Place, [x2, y2]: Place): Place[] {
  const [column, row] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const across: Place[] = [
    [Math.min(x1, x2), row],
    [Math.max(x1, x2), row],
  ];
  const down: Place[] = [
    [column, Math.min(y1, y2)],
    [column, Math.max(y1, y2)],
  ];
  return Math.abs(x2 - x1) >= Math.abs(y2 - y1) ? [...across, ...down] : [...down, ...across];
}

function apart(one: Place, other: Place): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1]);
}

/** The longer axis stands first, also after one was pulled. */
export function inOrder(tool: Tool, points: readonly Place[]): readonly Place[] {
  const [a, b, c, d] = points;
  if (!ROUND.includes(tool) || !a || !b || !c || !d || apart(a, b) >= apart(c, d)) {
    return points;
  }
  return [c, d, a, b];
}

/** The corners of a rectangle that is given by two opposite ones. */
function cornersOf([[x1, y1] = [0, 0], [x2, y2] = [0, 0]]: readonly Place[]): Place[] {
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
  ];
}

function roundOf([a = [0, 0], b = [0, 0], c = [0, 0], d = [0, 0]]: readonly Place[]): Place[] {
  const centre: Place = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [wide, high]: Place[] = [
    [(b[0] - a[0]) / 2, (b[1] - a[1]) / 2],
    [(d[0] - c[0]) / 2, (d[1] - c[1]) / 2],
  ];
  return Array.from({ length: ROUND_STEPS }, (_, step) => {
    const turn = (step / ROUND_STEPS) * 2 * Math.PI;
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    return [
      centre[0] + cos * (wide?.[0] ?? 0) + sin * (high?.[0] ?? 0),
      centre[1] + cos * (wide?.[1] ?? 0) + sin * (high?.[1] ?? 0),
    ];
  });
}

function isClosed(tool: Tool): boolean {
  return tool === "rectangle" || tool === "polygon" || ROUND.includes(tool);
}

/** The line that a mark is drawn with, in picture pixels; a closed one does not repeat its first point. */
function lineOf({ tool, points }: Pick<Mark, "tool" | "points">): readonly Place[] {
  if (tool === "rectangle") {
    return cornersOf(points);
  }
  return ROUND.includes(tool) && points.length === 4 ? roundOf(points) : points;
}

/** The same as the path of an SVG; points and words have none. */
export function pathOf(mark: Pick<Mark, "tool" | "points">): string {
  if (mark.tool === "point" || mark.tool === "text") {
    return "";
  }
  const steps = lineOf(mark).map(([column, row]) => `${column} ${row}`);
  return `M${steps.join("L")}${isClosed(mark.tool) ? "Z" : ""}`;
}

/** The two short strokes of an arrow's head, in screen pixels. */
export function headOf([tip, end]: readonly [Place, Place], length: number): string {
  const back = Math.atan2(end[1] - tip[1], end[0] - tip[0]);
  const [one, other] = [-Math.PI / 7, Math.PI / 7].map((turn) => {
    const [x, y] = [Math.cos(back + turn), Math.sin(back + turn)];
    return `${tip[0] + length * x} ${tip[1] + length * y}`;
  });
  return `M${one}L${tip[0]} ${tip[1]}L${other}`;
}

/** Where a mark can be taken hold of: a freehand line moves only as a whole. */
export function handlesOf({ tool, points }: Mark): readonly Place[] {
  if (tool === "freehand") {
    return [];
  }
  return tool === "rectangle" ? cornersOf(points) : points;
}

/** The points after one handle was pulled to a place. */
export function pulled(mark: Mark, at: number, to: Place): readonly Place[] {
  if (mark.tool === "rectangle") {
    const opposite = cornersOf(mark.points)[(at + 2) % 4] ?? to;
    return [opposite, to];
  }
  if (ROUND.includes(mark.tool)) {
    return turned(mark.points, at, to);
  }
  return mark.points.map((point, each) => (each === at ? to : point));
}

/** An axis follows its end about the centre; the other one keeps its length and stays across. */
function turned(points: readonly Place[], at: number, [column, row]: Place): readonly Place[] {
  const [a = [0, 0], b = [0, 0], c = [0, 0], d = [0, 0]] = points;
  const [x, y]: Place = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [dx, dy] = [column - x, row - y];
  const long = Math.hypot(dx, dy);
  if (long === 0) {
    return points;
  }
  const half = (at < 2 ? apart(c, d) : apart(a, b)) / 2 / long;
  const own: Place[] = [
    [x - dx, y - dy],
    [x + dx, y + dy],
  ];
  const pulledAxis = at % 2 === 0 ? own.reverse() : own;
  const across: Place[] = [
    [x + dy * half, y - dx * half],
    [x - dy * half, y + dx * half],
  ];
  return at < 2 ? [...pulledAxis, ...across] : [...across, ...pulledAxis];
}

export function isInside(points: readonly Place[], { columns, rows }: Size): boolean {
  return points.every(([x, y]) => x >= 0 && y >= 0 && x <= columns && y <= rows);
}

/** All points moved alike, and never out of the picture. */
export function moved(points: readonly Place[], by: Place, size: Size): readonly Place[] {
  const kept = (values: number[], step: number, most: number) =>
    Math.min(Math.max(step, -Math.min(...values)), most - Math.max(...values));
  const columns = points.map(([x]) => x);
  const rows = points.map(([, y]) => y);
  const dx = kept(columns, by[0], size.columns);
  const dy = kept(rows, by[1], size.rows);
  return points.map(([x, y]) => within([x + dx, y + dy], size));
}

function toLine([px, py]: Place, [x1, y1]: Place, [x2, y2]: Place): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const square = dx * dx + dy * dy;
  const share =
    square === 0 ? 0 : Math.min(Math.max(((px - x1) * dx + (py - y1) * dy) / square, 0), 1);
  return Math.hypot(px - x1 - share * dx, py - y1 - share * dy);
}

/** How far a place is from a mark's line, in screen pixels. */
export function distanceTo(mark: Mark, place: Place, { across, down }: Enlarged): number {
  const onScreen = ([column, row]: Place): Place => [column * across, row * down];
  const line = lineOf(mark).map(onScreen);
  const from = onScreen(place);
  const [first] = line;
  if (first === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  const ends = isClosed(mark.tool) ? [...line, first] : line;
  return Math.min(...ends.map((point, at) => toLine(from, point, ends[at + 1] ?? point)));
}

/** A line with fewer points that is nowhere farther from it than this (Douglas and Peucker). */
function thinned(points: readonly Place[], most: number): readonly Place[] {
  const kept = new Set([0, points.length - 1]);
  const open: [number, number][] = [[0, points.length - 1]];
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [from, to] = span;
    let [far, at] = [most, -1];
    for (let each = from + 1; each < to; each++) {
      const off = toLine(points[each] as Place, points[from] as Place, points[to] as Place);
      if (off > far) {
        [far, at] = [off, each];
      }
    }
    if (at > 0) {
      kept.add(at);
      open.push([from, at], [at, to]);
    }
  }
  return points.filter((_, at) => kept.has(at));
}

/** A freehand line as it is kept; piece by piece, so that a scribble does not hold the page. */
export function simplified(points: readonly Place[], tolerance: number): readonly Place[] {
  const pieces: (readonly Place[])[] = [];
  for (let from = 0; from < points.length; from += PIECE) {
    pieces.push(thinned(points.slice(from, from + PIECE), tolerance));
  }
  return pieces.flat();
}

/** The line with one point more; of a very long one every second point is left out. */
export function lengthened(points: readonly Place[], next: Place): readonly Place[] {
  const kept = points.length < MOST_POINTS ? points : points.filter((_, at) => at % 2 === 0);
  return [...kept, next];
}
