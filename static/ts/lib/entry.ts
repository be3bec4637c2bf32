/** A line of the journal as the event stream tells it: what happened to which object, no words. */
export interface Entry {
  position: number;
  kind: string;
  object_type: string;
  object_id: string;
  case_id: string | null;
  at: string;
}

/** `case.*` means every kind of a case; `*` means every kind. */
export function concerns(kinds: string, kind: string): boolean {
  return kinds
    .split(/\s+/)
    .some((wanted) =>
      wanted.endsWith("*") ? kind.startsWith(wanted.slice(0, -1)) : wanted === kind,
    );
}
