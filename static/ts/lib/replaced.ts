/** What a person had written before something else took its place, by case. */
interface Replaced {
  caseId: string;
  body: Record<string, unknown>;
}

let replaced: Replaced | undefined;

/** Keep it in this page's memory alone: it is gone when the page is loaded anew. */
export function keepReplaced(caseId: string, body: Record<string, unknown>): void {
  replaced = { caseId, body };
}

export function findReplaced(caseId: string): Record<string, unknown> | undefined {
  return replaced?.caseId === caseId ? replaced.body : undefined;
}

export function forgetReplaced(): void {
  replaced = undefined;
}
