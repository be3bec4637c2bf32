/** What a person had written before something else took its place, the newest last. */
interface Replaced {
  caseId: string;
  /** of the draft as it began when the newest was replaced */
  version: number;
  bodies: Record<string, unknown>[];
}

const MOST = 20;

let replaced: Replaced | undefined;

/**
 * Keep it in this page's memory alone: it is gone when the page is loaded anew. What only began as
 * something else, and was never written on, is nothing to be kept.
 */
export function keepReplaced(caseId: string, body: Record<string, unknown>, version: number): void {
  const known = replaced?.caseId === caseId ? replaced : { caseId, version: 0, bodies: [] };
  const isWritten = known.bodies.length === 0 || version !== known.version + 1;
  const bodies = isWritten ? [...known.bodies, body].slice(-MOST) : known.bodies;
  replaced = { caseId, version, bodies };
}

export function findReplaced(caseId: string): Record<string, unknown> | undefined {
  return replaced?.caseId === caseId ? replaced.bodies.at(-1) : undefined;
}

/** The newest was put back; whether anything earlier is kept still. */
export function forgetReplaced(): boolean {
  const bodies = replaced?.bodies.slice(0, -1) ?? [];
  replaced = replaced && bodies.length > 0 ? { ...replaced, version: 0, bodies } : undefined;
  return replaced !== undefined;
}
