/** What pages and requests tell each other about a locked session. */
const LOCKED = "session:locked";
const UNLOCKED = "session:unlocked";

/** The server has refused a request because the session is locked, or has ended. */
export function tellLocked(): void {
  document.dispatchEvent(new CustomEvent(LOCKED));
}

/** The person is back: what rested goes on. */
export function tellUnlocked(): void {
  document.dispatchEvent(new CustomEvent(UNLOCKED));
}

export function onLocked(signal: AbortSignal, hear: () => void): void {
  document.addEventListener(LOCKED, hear, { signal });
}

export function onUnlocked(hear: () => void, signal?: AbortSignal): void {
  document.addEventListener(UNLOCKED, hear, signal === undefined ? {} : { signal });
}
