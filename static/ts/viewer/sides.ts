import { type DicomSet, numbers, text, texts } from "./dicom";

/** What lies at the top, right, bottom and left of the picture itself. */
export type Sides = [top: string, right: string, bottom: string, left: string];

const OPPOSITE: Record<string, string> = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };
/** Along the patient's own axes (PS3.3 C.7.6.1.1.1): to the left, to the back, to the head. */
const AXES = ["L", "P", "H"];
/** A direction that leans less than so far to an axis is not called by it. */
const LEAST = 0.3;
/** Whoever photographs turns the camera as he likes: what such a header says of sides is a habit. */
const PHOTOGRAPHS = ["OP", "XC", "ES", "GM"];

function opposite(words: string): string {
  return [...words].map((letter) => OPPOSITE[letter] ?? "").join("");
}

function wordsOf(direction: number[]): string {
  return AXES.map((letter, at) => ({ letter, far: direction[at] ?? 0 }))
    .filter(({ far }) => Math.abs(far) >= LEAST)
    .sort((one, other) => Math.abs(other.far) - Math.abs(one.far))
    .slice(0, 2)
    .map(({ letter, far }) => (far > 0 ? letter : opposite(letter)))
    .join("");
}

/** What the object says of its sides: by its orientation in the patient, else by its letters. */
export function sidesOf(set: DicomSet): Sides | undefined {
  const turned = numbers(set, "00200037");
  if (PHOTOGRAPHS.includes(text(set, "00080060"))) {
    return undefined;
  }
  const [toRight, toBottom] =
    turned.length === 6
      ? [wordsOf(turned.slice(0, 3)), wordsOf(turned.slice(3))]
      : texts(set, "00200020").map((words) => words.toUpperCase().replace(/[^LRAPHF]/g, ""));
  if (!toRight || !toBottom) {
    return undefined;
  }
  return [opposite(toBottom), toRight, toBottom, opposite(toRight)];
}

/** What is said in a view: of an eye no side is called R or L, which is said of the eye alone. */
export function sidesIn(view: HTMLElement, set: DicomSet | undefined): Sides | undefined {
  const isOfEye = (view.closest<HTMLElement>(".view-cell")?.dataset.side ?? "") !== "";
  return set === undefined || isOfEye ? undefined : sidesOf(set);
}
