/** The one part of an answer, and what it says that it is. */
export interface Part {
  kind: string;
  bytes: Uint8Array;
}

const HEAD_END = "\r\n\r\n";
const LONGEST_HEAD = 4096;

function find(bytes: Uint8Array, wanted: string, from: number, to: number): number {
  const codes = [...wanted].map((letter) => letter.charCodeAt(0));
  for (let at = from; at <= to - codes.length; at++) {
    if (codes.every((code, offset) => bytes[at + offset] === code)) {
      return at;
    }
  }
  return -1;
}

/** The first part of a multipart answer (PS3.18 8.6.1.2.1), or the whole of one that is none. */
export function firstPart(contentType: string, bytes: Uint8Array): Part {
  if (!contentType.startsWith("multipart/")) {
    return { kind: contentType, bytes };
  }
  const headEnd = find(bytes, HEAD_END, 0, Math.min(bytes.length, LONGEST_HEAD));
  const head = new TextDecoder().decode(bytes.subarray(0, Math.max(headEnd, 0)));
  const [boundary = "", ...lines] = head.trimStart().split("\r\n");
  const kind = lines.find((line) => /^content-type:/i.test(line))?.slice(13) ?? "";
  const begin = headEnd + HEAD_END.length;
  const tail = `\r\n${boundary}`;
  const end = find(bytes, tail, Math.max(bytes.length - tail.length - 8, begin), bytes.length);
  if (headEnd < 0 || !boundary.startsWith("--") || end < 0) {
    throw new Error("the answer is not one part");
  }
  return { kind: kind.trim(), bytes: bytes.slice(begin, end) };
}

/** The transfer syntax that a part names. */
export function syntaxOf(kind: string): string {
  return /transfer-syntax="?([0-9.]+)/.exec(kind)?.[1] ?? "";
}
