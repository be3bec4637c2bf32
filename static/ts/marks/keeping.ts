import { account, meta } from "../lib/place";
import type { Drawing } from "./model";

/** Marks that the server does not have yet, and the revision that they were drawn on. */
export interface Kept extends Drawing {
  revision: number;
  at: string;
}

const NAME = "lianzhen-marks";

/** One account's marks of one case, of one page: two pages of a case never share a place. */
export class Keeping {
  readonly #prefix: string;
  readonly #own: string;

  constructor(caseId: string, page: string) {
    this.#prefix = `${NAME} ${meta("base-path")} ${account()} ${caseId} `;
    this.#own = this.#prefix + page;
  }

  /** Keep them here; false where the browser does not. */
  keep(kept: Kept): boolean {
    try {
      localStorage.setItem(this.#own, JSON.stringify(kept));
      return true;
    } catch {
      return false;
    }
  }

  /** Whether something of this page is kept. */
  get stands(): boolean {
    return read(this.#own) !== undefined;
  }

  forget(): void {
    drop(this.#own);
  }

  /** The newest that an earlier page left behind; it is this page's own from now on. */
  take(): Kept | undefined {
    const found = names(this.#prefix).flatMap((name) => {
      const kept = read(name);
      return kept === undefined ? [] : [{ name, kept }];
    });
    const [newest] = found.sort((one, other) => (one.kept.at < other.kept.at ? 1 : -1));
    if (newest !== undefined) {
      drop(newest.name);
      this.keep(newest.kept);
    }
    return newest?.kept;
  }
}

/** A browser may forbid its storage: then nothing was kept there. */
function names(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

function drop(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // forbidden: it was never kept
  }
}

function read(name: string): Kept | undefined {
  try {
    const told = JSON.parse(localStorage.getItem(name) ?? "") as Kept;
    return Array.isArray(told.marks) && Array.isArray(told.key_images) ? told : undefined;
  } catch {
    return undefined;
  }
}

/** Signing out leaves nothing in the browser, whoever's it was. */
export function forgetMarks(): void {
  for (const name of names(`${NAME} ${meta("base-path")} `)) {
    drop(name);
  }
}
