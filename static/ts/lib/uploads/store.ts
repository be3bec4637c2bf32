import type { UploadRow } from "./row";

const NAME = "lianzhen-uploads";
const FILES = "files";

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(change: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    change.oncomplete = () => resolve();
    change.onabort = () => reject(change.error);
    change.onerror = () => reject(change.error);
  });
}

/** The rows of the queue; one implementation keeps them over a restart, one only while the page lives. */
export interface UploadStore {
  add(rows: UploadRow[]): Promise<void>;
  list(account: string): Promise<UploadRow[]>;
  update(id: string, change: Partial<UploadRow>): Promise<void>;
  remove(id: string): Promise<void>;
  wipe(): Promise<void>;
}

class IndexedStore implements UploadStore {
  readonly #db: IDBDatabase;
  /** Files that this very page took: a private window cannot read what the database gives back. */
  readonly #taken = new Map<string, Blob>();

  constructor(db: IDBDatabase) {
    this.#db = db;
    // another tab may wipe the queue at sign-out; do not stand in its way
    db.onversionchange = () => db.close();
  }

  async add(rows: UploadRow[]): Promise<void> {
    const change = this.#db.transaction(FILES, "readwrite");
    for (const row of rows) {
      change.objectStore(FILES).put(row);
      this.#taken.set(row.id, row.file);
    }
    await finished(change);
  }

  async list(account: string): Promise<UploadRow[]> {
    const index = this.#db.transaction(FILES).objectStore(FILES).index("account");
    const kept: UploadRow[] = await asked(index.getAll(account));
    const rows = kept.map((row) => ({ ...row, file: this.#taken.get(row.id) ?? row.file }));
    return rows.sort((a, b) => a.added_at - b.added_at || (a.id < b.id ? -1 : 1));
  }

  async update(id: string, change: Partial<UploadRow>): Promise<void> {
    const transaction = this.#db.transaction(FILES, "readwrite");
    const store = transaction.objectStore(FILES);
    const row: UploadRow | undefined = await asked(store.get(id));
    if (row !== undefined) {
      store.put({ ...row, ...change });
    }
    await finished(transaction);
  }

  async remove(id: string): Promise<void> {
    const change = this.#db.transaction(FILES, "readwrite");
    change.objectStore(FILES).delete(id);
    this.#taken.delete(id);
    await finished(change);
  }

  async wipe(): Promise<void> {
    const change = this.#db.transaction(FILES, "readwrite");
    change.objectStore(FILES).clear();
    this.#taken.clear();
    await finished(change);
  }
}

class PageStore implements UploadStore {
  readonly #rows = new Map<string, UploadRow>();

  async add(rows: UploadRow[]): Promise<void> {
    for (const row of rows) {
      this.#rows.set(row.id, row);
    }
  }

  async list(account: string): Promise<UploadRow[]> {
    return [...this.#rows.values()].filter((row) => row.account === account);
  }

  async update(id: string, change: Partial<UploadRow>): Promise<void> {
    const row = this.#rows.get(id);
    if (row !== undefined) {
      this.#rows.set(id, { ...row, ...change });
    }
  }

  async remove(id: string): Promise<void> {
    this.#rows.delete(id);
  }

  async wipe(): Promise<void> {
    this.#rows.clear();
  }
}

/** The browser's own database; where it is forbidden, files live as long as the page. */
export async function openStore(): Promise<UploadStore> {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(FILES, { keyPath: "id" }).createIndex("account", "account");
    };
    return new IndexedStore(await asked(request));
  } catch {
    return new PageStore();
  }
}
