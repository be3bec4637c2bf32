/**
 * What was loaded ahead of the next cases, in this page's memory alone: every answer with a picture
 * says `no-store`, so no cache of the browser may keep it, and leaving the page forgets all of it.
 */
export interface Kept {
  contentType: string;
  bytes: Uint8Array;
}

const MOST_BYTES = 64 * 1024 * 1024;

const kept = new Map<string, Kept>();
const drawn: string[] = [];

function keyOf(path: string, accept: string): string {
  return `${accept} ${path}`;
}

export function has(path: string, accept: string): boolean {
  return kept.has(keyOf(path, accept));
}

function weight(): number {
  return [...kept.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Whether there is room for more; what is there already is nearer than what would come. */
export function hasRoom(): boolean {
  return weight() < MOST_BYTES;
}

export function put(path: string, accept: string, what: Kept): void {
  if (weight() + what.bytes.length <= MOST_BYTES) {
    kept.set(keyOf(path, accept), what);
  }
}

/** What was loaded ahead for this question, once: whoever takes it has it. */
export function take(path: string, accept: string): Kept | undefined {
  const key = keyOf(path, accept);
  const found = kept.get(key);
  kept.delete(key);
  return found;
}

/** An address of this page's own for a picture that was loaded ahead. */
export function addressOf(path: string, accept: string): string | undefined {
  const found = take(path, accept);
  if (found === undefined) {
    return undefined;
  }
  const address = URL.createObjectURL(
    new Blob([found.bytes as BlobPart], { type: found.contentType }),
  );
  drawn.push(address);
  return address;
}

/** Forget everything but what belongs to these paths; and the pictures that were drawn before. */
export function keepOnly(paths: string[]): void {
  for (const key of kept.keys()) {
    if (!paths.some((path) => key.includes(` ${path}`))) {
      kept.delete(key);
    }
  }
}

/** The addresses of an earlier case show nothing any more. */
export function forgetDrawn(): void {
  for (const address of drawn.splice(0)) {
    URL.revokeObjectURL(address);
  }
}
