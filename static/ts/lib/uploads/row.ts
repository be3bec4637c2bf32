/** One file on its way: kept in the browser until the server has taken it (U11). */
export interface UploadRow {
  id: string;
  account: string;
  case_id: string;
  batch_id: string;
  name: string;
  type: string;
  size: number;
  /** the file's own time in ms; the server may need it for the time of capture */
  last_modified: number;
  added_at: number;
  file: Blob;
  /** what the server knows it by: asked twice, it is one upload; none where an older page took it */
  key?: string;
  /** where the server keeps the part that has arrived */
  upload_url: string | null;
  sent: number;
}

/** What is told of a file when its upload begins (tus, Upload-Metadata). */
export function metadata(row: UploadRow): Record<string, string> {
  return {
    filename: row.name,
    filetype: row.type,
    case_id: row.case_id,
    batch_id: row.batch_id,
    last_modified: String(row.last_modified),
    key: row.key ?? row.id,
  };
}

/** A DICOM directory goes when the files that it names have been judged: it is compared with them. */
export function waitsForOthers(row: UploadRow, rows: UploadRow[]): boolean {
  const isDirectory = /^dicomdir$/i.test(row.name);
  return (
    isDirectory && rows.some((other) => other.batch_id === row.batch_id && other.id !== row.id)
  );
}

export interface FileVerdict {
  name: string;
  verdict:
    | "accepted"
    | "accepted-retake"
    | "accepted-without-picture"
    | "rejected"
    | "conflict"
    | "question";
  sentence: string;
  image_id: string | null;
}

/** What a first look at a small copy says; the photograph itself is judged when it has arrived. */
export interface Glance {
  verdict: "fundus" | "retake" | "other" | "unreadable";
  sentence: string;
}

export interface UploadResult {
  status: "received" | "working" | "done" | "refused";
  sentence: string;
  files: FileVerdict[];
}

/** What the queue tells its pages; every tab hears it, whichever tab is sending. */
export type News =
  | { say: "added" | "gone"; account: string; id: string }
  | { say: "progress"; account: string; id: string; sent: number; size: number }
  | { say: "looked"; account: string; id: string; glance: Glance }
  | { say: "ingesting"; account: string; id: string }
  | { say: "result"; account: string; id: string; result: UploadResult }
  | { say: "offline"; account: string }
  | { say: "online"; account: string }
  | { say: "wiped"; account: string };

/** A random name; crypto.randomUUID is missing on plain http. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
