/** One attribute of the DICOM JSON model (PS3.18 F.2.2). */
interface Attribute {
  vr: string;
  Value?: unknown[];
}

/** What an object says, without its bulk data. */
export type DicomSet = Record<string, Attribute>;

/** The functional groups whose attributes a frame may have for itself (PS3.3 C.7.6.16). */
const SHARED = "52009229";
const PER_FRAME = "52009230";

export function numbers(set: DicomSet, tag: string): number[] {
  return (set[tag]?.Value ?? []).map(Number).filter((value) => Number.isFinite(value));
}

export function number(set: DicomSet, tag: string): number | undefined {
  return numbers(set, tag)[0];
}

export function texts(set: DicomSet, tag: string): string[] {
  return (set[tag]?.Value ?? []).map((value) => (value === null ? "" : String(value)));
}

export function text(set: DicomSet, tag: string): string {
  return texts(set, tag)[0] ?? "";
}

function items(set: DicomSet, tag: string): DicomSet[] {
  return (set[tag]?.Value ?? []).filter(
    (value): value is DicomSet => typeof value === "object" && value !== null,
  );
}

function groupsOf(item: DicomSet | undefined): DicomSet[] {
  return Object.keys(item ?? {}).flatMap((tag) => items(item ?? {}, tag).slice(0, 1));
}

/** The object as one of its frames sees it: what the groups say of the frame holds first. */
export function atFrame(set: DicomSet, frame: number): DicomSet {
  const shared = groupsOf(items(set, SHARED)[0]);
  const own = groupsOf(items(set, PER_FRAME)[frame - 1]);
  return Object.assign({}, set, ...shared, ...own) as DicomSet;
}

export function has(set: DicomSet, tag: string): boolean {
  return (set[tag]?.Value?.length ?? 0) > 0;
}
