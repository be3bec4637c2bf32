import { announce } from "./announcing";
import { lookFirst } from "./first_look";
import type { Pace } from "./pace";
import type { Glance, UploadRow } from "./row";
import type { UploadStore } from "./store";

export interface Beginning {
  endpoint: string;
  store: UploadStore;
  line: Pace;
  /** so long, at most, photographs wait for the first looks at their batch, in ms */
  hold: number;
  wake(): void;
  looked(id: string, glance: Glance): void;
}

/** What the server knows of, the case waits for; a line that is down tells it at its turn. */
async function tell(row: UploadRow, { endpoint, store }: Beginning): Promise<void> {
  const url = await announce(endpoint, row);
  if (url !== null) {
    await store.update(row.id, { upload_url: url });
  }
}

async function look(row: UploadRow, begun: Beginning): Promise<void> {
  const glance = await lookFirst(row);
  if (glance !== null) {
    begun.looked(row.id, glance);
  }
}

/** Look at one after the other, as long as it still waits. */
async function lookOn(rows: Iterator<UploadRow>, begun: Beginning): Promise<void> {
  for (let next = rows.next(); next.done !== true; next = rows.next()) {
    const { id, account } = next.value;
    if ((await begun.store.list(account)).some((row) => row.id === id)) {
      await look(next.value, begun);
    }
  }
}

/**
 * The server is told of every file; small copies are looked at so that a bad photograph is told
 * while the patient is still there. The first goes ahead of its batch, and for some seconds the
 * others have the line before any photograph, two at a time: while the server looks at one, the
 * line carries the next.
 */
export async function begin(rows: UploadRow[], begun: Beginning): Promise<void> {
  begun.line.hold(begun.hold);
  const told = Promise.all(rows.map((row) => tell(row, begun)));
  const [first, ...others] = rows;
  if (first !== undefined) {
    await look(first, begun).finally(begun.wake);
  }
  const left = others.values();
  await Promise.all([lookOn(left, begun), lookOn(left, begun)]);
  begun.line.release();
  await told;
}
