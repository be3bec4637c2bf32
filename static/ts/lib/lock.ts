/** What pages and requests tell each other about a locked session. */
const LOCKED = "session:locked";
const UNLOCKED = "session:unlocked";
const COVERED = "page:covered";

/** The server has refused a request because the session is locked, or has ended. */
export function tellLocked(): void {
  document.dispatchEvent(new CustomEvent(LOCKED));
}

/** Whether this page is covered now. */
export function isLocked(): boolean {
  return document.documentElement.classList.contains("is-locked");
}

/** The lock has fallen over this page, whatever made it fall. */
export function tellCovered(): void {
  document.dispatchEvent(new CustomEvent(COVERED));
}

/** The person is back: what rested goes on. */
export function tellUnlocked(): void {
  document.dispatchEvent(new CustomEvent(UNLOCKED));
}

export function onLocked(signal: AbortSignal, hear: () => void): void {
  document.addEventListener(LOCKED, hear, { signal });
}

/** What nobody may see or hear behind the lock ends here. */
export function onCovered(signal: AbortSignal, hear: () => void): void {
  document.addEventListener(COVERED, hear, { signal });
}

export function onUnlocked(hear: () => void, signal?: AbortSignal): void {
  document.addEventListener(UNLOCKED, hear, signal === undefined ? {} : { signal });
}

/** As a promise: nobody has to unlock the page first. */
export async function untilUnlocked(): Promise<void> {
  while (isLocked()) {
    await new Promise<void>((go) => {
      const heard = new AbortController();
      const hear = () => {
        heard.abort();
        go();
      };
      onUnlocked(hear, heard.signal);
    });
  }
}
