/** On a busy server or a thin line the first try may fail: wait this long before each next one. */
const PAUSES_MS = [1_000, 3_000, 9_000];

/** Tries until it is done, with growing pauses; answers whether it was. */
export async function insist(attempt: () => Promise<boolean>): Promise<boolean> {
  for (const pause of PAUSES_MS) {
    if (await attempt()) {
      return true;
    }
    await new Promise((resolve) => window.setTimeout(resolve, pause));
  }
  return attempt();
}
