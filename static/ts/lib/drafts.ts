const KEEP = "drafts:keep";

/** Asks every draft on the page to be kept now. */
export interface KeepRequest {
  /** what is about to be sent: a draft that sends itself need only wait for its last saving */
  source: Element;
  /** each draft's answer: whether the server has what stands in it */
  waits: Promise<boolean>[];
  /** earlier versions of a draft that this very page has replaced, and the present one */
  newer: Map<number, number>;
}

/**
 * Before anything draws the page anew: every draft is kept, or its refusal is shown and nothing
 * else happens. The answer is null then, else the versions that have become newer meanwhile.
 */
export async function keepDrafts(source: Element): Promise<Map<number, number> | null> {
  const detail: KeepRequest = { source, waits: [], newer: new Map() };
  document.dispatchEvent(new CustomEvent(KEEP, { detail }));
  const kept = await Promise.all(detail.waits);
  return kept.every(Boolean) ? detail.newer : null;
}

/** Answer such requests until the signal ends. */
export function onKeepDrafts(signal: AbortSignal, answer: (asked: KeepRequest) => void): void {
  const hear = (event: Event) => answer((event as CustomEvent<KeepRequest>).detail);
  document.addEventListener(KEEP, hear, { signal });
}
