import { expect, test } from "vitest";
import { awaited, isKnown, type Member, seatsOf } from "./roster";

function device(participant: string, sources: string[], changed: Partial<Member> = {}): Member {
  const [person = ""] = participant.split("/");
  const present = { role: "guest", is_silent: false, is_away: false };
  return { participant, person, sources, ...present, ...changed };
}

const me = device("me/first", ["camera", "microphone"]);

test("a person with two devices has one seat, with all that either sends", () => {
  const people = [me, device("wang/first", ["microphone"]), device("wang/second", ["screen"])];
  expect(seatsOf(people, "me")).toEqual([
    { person: "wang", isMuted: false, isDark: true, isShowing: true, isAway: false },
  ]);
});

test("the others sit in the order in which they came, and oneself nowhere", () => {
  const people = ["wang/first", "me/first", "an/first", "wang/second", "me/second"];
  const seats = seatsOf(
    people.map((each) => device(each, [])),
    "me",
  );
  expect(seats.map(({ person }) => person)).toEqual(["wang", "an"]);
});

test("a person is away only when none of the devices is there", () => {
  const gone = device("wang/first", [], { is_away: true });
  const silent = device("wang/second", [], { is_silent: true });
  expect(seatsOf([gone, silent], "me")[0]?.isAway).toBe(true);
  expect(seatsOf([gone, device("wang/second", [])], "me")[0]?.isAway).toBe(false);
});

test("who takes sound alone waits for every voice and the screen's sound, but no picture", () => {
  const people = [
    me,
    device("wang/first", ["screen", "screen-sound", "microphone", "camera"]),
    device("an/first", ["microphone"]),
  ];
  const sounds = ["an/first microphone", "wang/first microphone", "wang/first screen-sound"];
  const pictures = ["wang/first camera", "wang/first screen"];
  expect(awaited(people, "me", false)).toEqual(sounds);
  expect(awaited(people, "me", true)).toEqual([...sounds, ...pictures].sort());
});

test("nothing is awaited from one's own other device", () => {
  expect(awaited([me, device("me/second", ["camera"])], "me", true)).toEqual([]);
});

test.each([
  [true, ["microphone", "camera"]],
  [false, ["camera"]],
  [false, ["camera", "microphone", "screen"]],
  [false, []],
])("that the room has all of this device is %s when the device sends %j", (isTold, sending) => {
  expect(isKnown([me], "me/first", sending)).toBe(isTold);
});

test("a device of which the room never heard is known only while it sends nothing", () => {
  expect(isKnown([me], "me/second", [])).toBe(true);
  expect(isKnown([me], "me/second", ["camera"])).toBe(false);
});
