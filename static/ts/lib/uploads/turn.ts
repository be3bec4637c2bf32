const LOCK = "lianzhen-uploads";
const HOLD_MS = 10_000;
const RENEW_MS = 3000;

interface Lease {
  holder: string;
  until: number;
}

function read(): Lease | null {
  try {
    return JSON.parse(localStorage.getItem(LOCK) ?? "null");
  } catch {
    return null;
  }
}

/** Without navigator.locks (plain http) a short lease in localStorage keeps the second tab quiet. */
async function byLease(holder: string, work: () => Promise<void>): Promise<boolean> {
  const standing = read();
  if (standing !== null && standing.holder !== holder && standing.until > Date.now()) {
    return false;
  }
  const renew = () =>
    localStorage.setItem(LOCK, JSON.stringify({ holder, until: Date.now() + HOLD_MS }));
  renew();
  const timer = setInterval(renew, RENEW_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    localStorage.removeItem(LOCK);
  }
  return true;
}

/** Do the work if no other tab is at it; false when one is. */
export async function takeTurn(holder: string, work: () => Promise<void>): Promise<boolean> {
  // secure contexts only: a clinic's plain http has no locks
  const locks: LockManager | undefined = navigator.locks;
  if (locks === undefined) {
    return await byLease(holder, work);
  }
  return await locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock !== null) {
      await work();
    }
    return lock !== null;
  });
}
