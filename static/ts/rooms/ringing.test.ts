import { expect, test } from "vitest";
import type { RoomFacts } from "./facts";
import { Ringing, sentenceOf } from "./ringing";

const PAGE = `<div data-ringing hidden><ol data-rings></ol><div data-ring-over hidden></div>
<template data-ring><li><b data-part="name"></b><i data-part="place"></i>
<span data-ring-state="ringing"></span><span data-ring-state="heard"></span>
<span data-ring-state="declined"></span><span data-ring-state="unanswered"></span></li></template></div>`;

function draw(): HTMLElement {
  const parsed = new DOMParser().parseFromString(PAGE, "text/html");
  return parsed.querySelector("[data-ringing]") as HTMLElement;
}

function facts(outcome: string, ...states: [string, boolean][]): RoomFacts {
  const people = states.map(([state, is_heard], at) => ({ person_id: `p${at}`, state, is_heard }));
  const li = { name: "李文博", name_en: "", institution: "眼科医院", institution_en: "" };
  const named = { p0: li };
  return { ring: { outcome, people }, people: named } as unknown as RoomFacts;
}

test("the caller sees whom it rings, and whether a page of hers rings", () => {
  const place = draw();
  const ringing = new Ringing(place);
  ringing.show(facts("ringing", ["declined", true], ["ringing", true]));
  expect(place.hidden).toBe(false);
  const shown = [...place.querySelectorAll("li")].map((row) =>
    [...row.querySelectorAll<HTMLElement>("[data-ring-state]")]
      .filter(({ hidden }) => !hidden)
      .map(({ dataset }) => dataset.ringState),
  );
  expect(shown).toEqual([["declined"], ["heard"]]);
  expect(place.querySelector("b")?.textContent).toBe("李文博");
  expect(place.querySelector<HTMLElement>("[data-ring-over]")?.hidden).toBe(true);
});

test("once nobody has answered, what to do stands there; once somebody has, nothing does", () => {
  const place = draw();
  const ringing = new Ringing(place);
  ringing.show(facts("nobody", ["unanswered", false]));
  expect(place.querySelector<HTMLElement>("[data-ring-over]")?.hidden).toBe(false);
  ringing.show(facts("answered", ["answered", true]));
  expect(place.hidden).toBe(true);
  ringing.show(undefined);
  expect(place.hidden).toBe(true);
});

test("nobody is said to hear a ring that is over", () => {
  expect(sentenceOf({ person_id: "p", state: "unanswered", is_heard: true })).toBe("unanswered");
  expect(sentenceOf({ person_id: "p", state: "ringing", is_heard: false })).toBe("ringing");
});
