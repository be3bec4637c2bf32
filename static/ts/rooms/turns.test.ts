import { describe, expect, test } from "vitest";
import { leadsOf, looksOf, ownOf, type Turn } from "./turns";

function turn(name: string, more: Partial<Turn> = {}): Turn {
  return {
    person_id: name,
    name,
    name_en: `${name} (en)`,
    institution: "县医院",
    institution_en: "",
    is_speaking: false,
    is_here: true,
    is_mine: false,
    ...more,
  };
}

describe("the speaker list", () => {
  test("one speaks, the first hand is next, the others are counted", () => {
    const turns = [turn("王", { is_speaking: true }), turn("李"), turn("赵", { is_here: false })];
    const looks = looksOf(turns, false);
    expect(looks.map(({ state, number }) => [state, number])).toEqual([
      ["speaking", 0],
      ["next", 1],
      ["waiting", 2],
    ]);
    expect(looks.map(({ isAway }) => isAway)).toEqual([false, false, true]);
  });

  test("names are in the language of the page where there are any", () => {
    const [look] = looksOf([turn("王")], true);
    expect([look?.name, look?.place]).toEqual(["王 (en)", "县医院"]);
  });

  test("one's own turn is told apart", () => {
    expect(ownOf([turn("王")])).toBe("none");
    expect(ownOf([turn("王", { is_mine: true })])).toBe("next");
    expect(ownOf([turn("李"), turn("王", { is_mine: true })])).toBe("waiting");
    expect(ownOf([turn("王", { is_mine: true, is_speaking: true })])).toBe("speaking");
  });

  test("the host gives the word to who waits, and takes it from who speaks", () => {
    expect(leadsOf("speaking")).toEqual(["take"]);
    expect(leadsOf("next")).toEqual(leadsOf("waiting"));
    expect(leadsOf("next")).toEqual(["give", "lower"]);
  });
});
