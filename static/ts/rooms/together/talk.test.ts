import { describe, expect, test } from "vitest";
import type { Picture } from "../../marks/model";
import { marksOf } from "./keep";
import type { Stroke, View } from "./model";
import { Talk } from "./talk";

const VIEW = { image: "right", frame: 1 } as View;

function stroke(name: string, points: Stroke["points"], by = "li"): Stroke {
  return { stroke: name, by, colour: 2, image: "right", frame: 1, points };
}

function welcomed(strokes: Stroke[] = []): Talk {
  const talk = new Talk();
  talk.take({ told: "welcome", showing: { presenter: "li", view: VIEW, strokes } });
  return talk;
}

describe("what the room says is looked at", () => {
  test("who comes late has the picture and the lines, and goes on with them", () => {
    const talk = welcomed([stroke("a", [[1, 2]])]);
    expect(talk.take({ told: "stroke", ...stroke("a", [[3, 4]]) })).toBe("strokes");
    expect(talk.strokes.get("a")?.points).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(talk.showing.view).toEqual(VIEW);
  });

  test("one's own line stands at once, and what the room says of it is its colour alone", () => {
    const talk = welcomed();
    talk.draw({ ...stroke("a", [[1, 2]], "me"), colour: 0 });
    talk.take({ told: "stroke", ...stroke("a", [[1, 2]], "me"), colour: 4 });
    expect(talk.strokes.get("a")).toMatchObject({ points: [[1, 2]], colour: 4 });
  });

  test("a line that was cleared and told of late does not come back by its echo", () => {
    const talk = welcomed();
    talk.draw(stroke("a", [[1, 2]], "me"));
    talk.take({ told: "erased", strokes: ["a"] });
    expect([...talk.strokes.keys()]).toEqual([]);
  });

  test("what the room took no more stands on the page no longer", () => {
    const talk = welcomed([stroke("theirs", [[1, 2]])]);
    talk.draw(stroke("mine", [[1, 2]], "me"));
    talk.draw(stroke("half", [[1, 2]], "me"));
    talk.take({ told: "stroke", ...stroke("half", [[1, 2]], "me") });
    talk.draw(stroke("half", [[3, 4]], "me"));
    talk.dropRefused();
    expect([...talk.strokes.keys()]).toEqual(["theirs", "half"]);
    expect(talk.strokes.get("half")?.points).toEqual([[1, 2]]);
  });

  test("whoever may see no picture is told of none, and the end leaves nothing", () => {
    const talk = welcomed([stroke("a", [[1, 2]])]);
    talk.take({ told: "point", by: "li", colour: 1, image: "right", frame: 1, at: [1, 2] });
    expect(talk.hands.size).toBe(1);
    talk.take({ told: "welcome", showing: null });
    expect([talk.mayLook, talk.showing.presenter, talk.strokes.size, talk.hands.size]).toEqual([
      false,
      "",
      0,
      0,
    ]);
  });

  test("a word of the call that is of nothing shown changes nothing", () => {
    const talk = welcomed();
    expect(talk.take({ told: "people", people: [] })).toBe("");
    expect(talk.showing.view).toEqual(VIEW);
  });
});

describe("lines that become marks", () => {
  const picture: Picture = { image: "right", columns: 100, rows: 50, spacing: null };
  const pictureOf = (image: string) => (image === "right" ? picture : undefined);

  test("they stay within the picture, name another's hand, and leave out what is no line", () => {
    const strokes = [
      stroke("a", [
        [-5, 10],
        [50, 60],
        [120, 20],
      ]),
      stroke("dot", [[1, 1]]),
      { ...stroke("b", [[1, 1]]), image: "gone" },
    ];
    const marks = marksOf(strokes, pictureOf, (by) => `by ${by}`);
    expect(marks).toMatchObject([
      {
        tool: "freehand",
        image_id: "right",
        frame: 1,
        label: "by li",
        points: [
          [0, 10],
          [50, 50],
          [100, 20],
        ],
      },
    ]);
  });
});
