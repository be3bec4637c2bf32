import { takeBack } from "./announcing";
import { begin } from "./beginning";
import { forgetChoice, Pace } from "./pace";
import { awaitResult } from "./result";
import {
  type Glance,
  type News,
  randomId,
  type UploadResult,
  type UploadRow,
  waitsForOthers,
} from "./row";
import { type Sent, sendFile } from "./sender";
import { openStore, type UploadStore } from "./store";
import { PACE, type QueuePace } from "./timing";
import { takeTurn } from "./turn";

const CHANNEL = "lianzhen-uploads";

/** The files of one signed-in person on their way to the server; it outlives every page (U11). */
export class UploadQueue {
  readonly account: string;
  readonly #endpoint: string;
  readonly #pace: QueuePace;
  readonly #line: Pace;
  readonly #me = randomId();
  readonly #store: Promise<UploadStore> = openStore();
  readonly #news = new EventTarget();
  readonly #channel: BroadcastChannel | undefined;
  readonly #judging = new Set<string>();
  readonly #looks = new Map<string, Glance>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #working = false;
  #stopped = false;
  #away = false;
  #failures = 0;

  constructor(account: string, endpoint: string, pace: Partial<QueuePace> = {}) {
    this.account = account;
    this.#endpoint = endpoint;
    this.#pace = { ...PACE, ...pace };
    this.#line = new Pace(this.#pace.share, () => this.#stopped);
    if (typeof BroadcastChannel === "function") {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = ({ data }: MessageEvent<News>) => this.#hear(data);
    }
  }

  /** Hear what happens to the files of this person, in whichever tab it happens. */
  listen(signal: AbortSignal, on: (news: News) => void): void {
    const take = (event: Event) => on((event as CustomEvent<News>).detail);
    this.#news.addEventListener("news", take, { signal });
  }

  async list(): Promise<UploadRow[]> {
    return await (await this.#store).list(this.account);
  }

  /** Keep the files, then begin; the answer comes when they are safe in the browser. */
  async add(caseId: string, files: File[]): Promise<UploadRow[]> {
    const batch = randomId();
    const now = Date.now();
    const rows = files.map((file, place) => ({
      id: randomId(),
      account: this.account,
      case_id: caseId,
      batch_id: batch,
      name: file.name,
      type: file.type,
      size: file.size,
      last_modified: file.lastModified,
      added_at: now + place / 1000,
      file,
      key: randomId(),
      upload_url: null,
      sent: 0,
    }));
    const store = await this.#store;
    await store.add(rows);
    for (const row of rows) {
      this.#tell({ say: "added", account: this.account, id: row.id });
    }
    void begin(rows, {
      endpoint: this.#endpoint,
      store,
      line: this.#line,
      hold: this.#pace.hold,
      wake: this.wake,
      looked: (id, glance) => {
        this.#looks.set(id, glance);
        this.#tell({ say: "looked", account: this.account, id, glance });
      },
    });
    return rows;
  }

  /** What the first look at a waiting file said, for a page part that was drawn after it. */
  lookAt(id: string): Glance | undefined {
    return this.#looks.get(id);
  }

  /** Go on with what waits, unless another tab is at it; look again from time to time. */
  wake = (): void => {
    clearTimeout(this.#timer);
    if (!this.#stopped && !this.#away && !this.#working) {
      void this.#work();
    }
  };

  /** The person has unlocked this very page: what rested meanwhile goes on. */
  goOn = (): void => {
    this.#away = false;
    this.wake();
  };

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#channel?.close();
  }

  /** Before sign-out: the files that are given up are no longer waited for. */
  async giveUp(): Promise<void> {
    const urls = (await this.list()).map(({ upload_url }) => upload_url);
    await Promise.all(urls.filter((url) => url !== null).map(takeBack));
  }

  /** At sign-out nothing of anybody stays in the browser. */
  async wipe(): Promise<void> {
    this.#tell({ say: "wiped", account: this.account });
    this.#stopped = true;
    clearTimeout(this.#timer);
    await (await this.#store).wipe();
    forgetChoice();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      await takeTurn(this.#me, () => this.#sendAll());
    } finally {
      this.#working = false;
    }
    const waiting = this.#stopped || this.#away ? [] : await this.list();
    if (waiting.length > 0) {
      this.#timer = setTimeout(this.wake, this.#delay());
    }
  }

  #delay(): number {
    const { look, offline, longestOffline } = this.#pace;
    return this.#failures === 0
      ? look
      : Math.min(offline * 2 ** (this.#failures - 1), longestOffline);
  }

  async #sendAll(): Promise<void> {
    const judged: Promise<void>[] = [];
    for (let row = await this.#next(); row !== undefined; row = await this.#next()) {
      const sent = await this.#sendOne(row);
      if (sent.end === "sent") {
        // the next file need not wait until this one has been judged
        judged.push(this.#judge(row.id, sent.url));
      } else if (sent.end === "refused") {
        await this.#finish(row.id, { status: "refused", sentence: sent.sentence, files: [] });
      } else {
        this.#rest(sent.end);
        break;
      }
    }
    await Promise.all(judged);
  }

  /** The session is locked or over: wait for its person. The line is down: try again later. */
  #rest(why: "signed-out" | "offline"): void {
    if (why === "signed-out") {
      this.#away = true;
    } else {
      this.#failures += 1;
      this.#tell({ say: "offline", account: this.account });
    }
  }

  async #next(): Promise<UploadRow | undefined> {
    const rows = this.#stopped ? [] : await this.list();
    return rows.find((row) => !this.#judging.has(row.id) && !waitsForOthers(row, rows));
  }

  async #sendOne(row: UploadRow): Promise<Sent> {
    const store = await this.#store;
    const sent = await sendFile(this.#endpoint, row, this.#pace.patience, {
      pace: this.#line,
      located: (url) => void store.update(row.id, { upload_url: url }),
      progress: (bytes) =>
        this.#tell({
          say: "progress",
          account: this.account,
          id: row.id,
          sent: bytes,
          size: row.size,
        }),
    });
    if (sent.end === "sent" && this.#failures > 0) {
      this.#failures = 0;
      this.#tell({ say: "online", account: this.account });
    }
    return sent;
  }

  async #judge(id: string, url: string): Promise<void> {
    this.#judging.add(id);
    this.#tell({ say: "ingesting", account: this.account, id });
    const result = await awaitResult(url, () => this.#stopped, this.#pace.result);
    if (result !== null) {
      await this.#finish(id, result);
    } else if (!this.#stopped) {
      // the server has forgotten the upload: the file is still here and goes again
      await (await this.#store).update(id, { key: randomId(), upload_url: null, sent: 0 });
    }
    this.#judging.delete(id);
  }

  async #finish(id: string, result: UploadResult): Promise<void> {
    await (await this.#store).remove(id);
    this.#looks.delete(id);
    this.#tell({ say: "result", account: this.account, id, result });
    this.#tell({ say: "gone", account: this.account, id });
  }

  #tell(news: News): void {
    // a page that is going away still finishes its sentence, but to nobody
    if (!this.#stopped) {
      this.#channel?.postMessage(news);
    }
    this.#news.dispatchEvent(new CustomEvent("news", { detail: news }));
  }

  #hear(news: News): void {
    if (news.say === "wiped") {
      this.stop();
    }
    if (news.account === this.account) {
      this.#news.dispatchEvent(new CustomEvent("news", { detail: news }));
    }
  }
}
