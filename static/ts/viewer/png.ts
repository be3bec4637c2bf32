const SIGNATURE_BYTES = 8;
const CHUNK_BYTES = 12;

/** What a PNG tells under this word (PNG 11.3.4.3); nothing where it tells none. */
export function toldIn(png: Uint8Array, word: string): string {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const letters = (from: number, to: number) =>
    new TextDecoder("latin1").decode(png.subarray(from, to));
  let at = SIGNATURE_BYTES;
  while (at + CHUNK_BYTES <= png.length) {
    const length = view.getUint32(at);
    const end = at + SIGNATURE_BYTES + length;
    const kind = letters(at + 4, at + SIGNATURE_BYTES);
    const [name = "", said = ""] =
      kind === "tEXt" ? letters(at + SIGNATURE_BYTES, end).split("\0") : [];
    if (name === word && kind === "tEXt") {
      return said;
    }
    if (kind === "IDAT") {
      return "";
    }
    at += CHUNK_BYTES + length;
  }
  return "";
}
