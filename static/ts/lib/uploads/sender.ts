import { DefaultHttpStack, type DetailedError, type HttpRequest, Upload } from "tus-js-client";
import { headers, readProblem } from "../api";
import { word } from "../words";
import type { Pace } from "./pace";
import { metadata, type UploadRow } from "./row";

const RETRY_MS = [300, 1000];

/** How one sending ended: the bytes are there, the server refused, or the line is down. */
export type Sent =
  | { end: "sent"; url: string }
  | { end: "refused"; sentence: string }
  | { end: "signed-out" }
  | { end: "offline" };

export interface SendHooks {
  pace: Pace;
  located(url: string): void;
  progress(sent: number): void;
}

/** The server and the proxies in front of it may come back; a refusal will not change. */
function isPassing(status: number): boolean {
  return status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
}

function endOf(error: Error | DetailedError): Sent {
  const response = "originalResponse" in error ? error.originalResponse : null;
  const status = response?.getStatus() ?? 0;
  if (status === 401) {
    return { end: "signed-out" };
  }
  if (isPassing(status)) {
    return { end: "offline" };
  }
  return { end: "refused", sentence: readProblem(status, response?.getBody() ?? "").detail };
}

async function isReadable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/**
 * Nothing but GET and POST leaves the browser; the method that is meant stands in a header.
 * The library alone would wait for an answer without end, and a lost line would stop the queue.
 */
class PlainStack extends DefaultHttpStack {
  readonly #patience: number;

  constructor(patience: number) {
    super({});
    this.#patience = patience;
  }

  override createRequest(method: string, url: string): HttpRequest {
    const isPlain = method === "GET" || method === "POST";
    const request = super.createRequest(isPlain ? method : "POST", url);
    if (!isPlain) {
      request.setHeader("X-HTTP-Method-Override", method);
    }
    const line: XMLHttpRequest = request.getUnderlyingObject();
    line.timeout = this.#patience;
    line.ontimeout = (event) => line.onerror?.(event);
    return request;
  }
}

/**
 * Send one file by the tus protocol 1.0, from where it was cut. Pieces are small and all goes by
 * POST, for boxes that buffer bodies and allow only GET and POST (U13). A request may take
 * `patience` milliseconds.
 */
export async function sendFile(
  endpoint: string,
  row: UploadRow,
  patience: number,
  hooks: SendHooks,
): Promise<Sent> {
  if (!(await isReadable(row.file))) {
    return { end: "refused", sentence: word("fileUnreadable") };
  }
  return await new Promise((resolve) => {
    const upload: Upload = new Upload(row.file, {
      endpoint,
      uploadUrl: row.upload_url,
      chunkSize: hooks.pace.pieceBytes,
      httpStack: new PlainStack(patience),
      retryDelays: RETRY_MS,
      // a fingerprint in localStorage would keep the file's name after sign-out
      storeFingerprintForResuming: false,
      metadata: metadata(row),
      headers: headers(),
      onShouldRetry: (error) => isPassing(error.originalResponse?.getStatus() ?? 0),
      onUploadUrlAvailable: () => hooks.located(upload.url ?? ""),
      onProgress: (sent) => hooks.progress(sent),
      onBeforeRequest: () => hooks.pace.turn(),
      onChunkComplete: (bytes) => {
        hooks.pace.sent(bytes);
        upload.options.chunkSize = hooks.pace.pieceBytes;
      },
      onSuccess: () => resolve({ end: "sent", url: upload.url ?? "" }),
      onError: (error) => resolve(endOf(error)),
    });
    upload.start();
  });
}
