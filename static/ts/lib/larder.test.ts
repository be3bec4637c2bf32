import { expect, test } from "vitest";
import { has, hasRoom, keepOnly, put, take } from "./larder";

const JPEG = "image/jpeg";

function bytes(length: number): { contentType: string; bytes: Uint8Array } {
  return { contentType: JPEG, bytes: new Uint8Array(length) };
}

test("what was loaded ahead is had once, and only for the question that it answers", () => {
  put("/a", JPEG, bytes(3));
  expect(has("/a", JPEG)).toBe(true);
  expect(take("/a", "application/dicom+json")).toBeUndefined();
  expect(take("/a", JPEG)?.bytes.length).toBe(3);
  expect(take("/a", JPEG)).toBeUndefined();
});

test("it is bounded, and what belongs to no case to come is forgotten", () => {
  put("/one/1", JPEG, bytes(40 * 1024 * 1024));
  put("/two/1", JPEG, bytes(40 * 1024 * 1024));
  expect([has("/one/1", JPEG), has("/two/1", JPEG)]).toEqual([true, false]);
  expect(hasRoom()).toBe(true);
  put("/two/1", JPEG, bytes(24 * 1024 * 1024));
  expect(hasRoom()).toBe(false);
  keepOnly(["/two"]);
  expect([has("/one/1", JPEG), has("/two/1", JPEG)]).toEqual([false, true]);
  keepOnly([]);
  expect(has("/two/1", JPEG)).toBe(false);
});
