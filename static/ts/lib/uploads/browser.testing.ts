import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { IDBFactory } from "fake-indexeddb";
import { Window } from "happy-dom";
import { vi } from "vitest";

/** XMLHttpRequest over Node's fetch, with Node's own Blob: what the upload library needs of it. */
class Xhr {
  readonly upload: { onprogress?: (event: object) => void } = {};
  onload: () => void = () => undefined;
  onerror: (error: unknown) => void = () => undefined;
  ontimeout: (event: unknown) => void = () => undefined;
  timeout = 0;
  status = 0;
  responseText = "";
  readonly #headers = new Headers();
  #answer = new Headers();
  #method = "";
  #url = "";

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  getResponseHeader(name: string): string | null {
    return this.#answer.get(name);
  }

  abort(): void {}

  send(body: Blob | null): void {
    const request = { method: this.#method, headers: this.#headers, body };
    const late = setTimeout(() => this.ontimeout({ type: "timeout" }), this.timeout);
    fetch(this.#url, request).then(async (answer) => {
      clearTimeout(late);
      this.#answer = answer.headers;
      this.status = answer.status;
      this.responseText = await answer.text();
      this.onload();
    }, this.onerror);
  }
}

/** localStorage as a browser has it. */
function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
    clear: () => kept.clear(),
    key: (at: number) => [...kept.keys()][at] ?? null,
    get length() {
      return kept.size;
    },
  };
}

/** A browser on plain http: no navigator.locks; IndexedDB is as empty as on the first day. */
export function openBrowser(): void {
  const window = new Window();
  vi.stubGlobal("document", window.document);
  vi.stubGlobal("HTMLMetaElement", window.HTMLMetaElement);
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("localStorage", storage());
  vi.stubGlobal("XMLHttpRequest", Xhr);
  vi.stubGlobal("indexedDB", new IDBFactory());
}

interface Kept {
  length: number;
  metadata: Record<string, string>;
  bytes: Buffer;
  asked: number;
}

function decode(header: string): Record<string, string> {
  const pairs = header.split(",").map((pair) => pair.split(" "));
  return Object.fromEntries(
    pairs.map(([name = "", value = ""]) => [name, Buffer.from(value, "base64").toString("utf-8")]),
  );
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** A tiny tus server: creation, offset, PATCH by POST, and the verdict; it can be cut at will. */
export class TusServer {
  readonly uploads = new Map<string, Kept>();
  readonly methods: string[] = [];
  /** the line is cut after this many more requests */
  cutAfter = Number.POSITIVE_INFINITY;
  refuse: { status: number; detail: string } | undefined;
  /** this many requests are taken and never answered */
  swallow = 0;
  #server: Server | undefined;
  endpoint = "";

  async open(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
    const address = server.address();
    this.endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/api/uploads`;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const override = request.headers["x-http-method-override"];
    this.methods.push(
      override === undefined ? `${request.method}` : `${request.method}+${override}`,
    );
    this.cutAfter -= 1;
    if (this.swallow > 0) {
      this.swallow -= 1;
    } else if (this.cutAfter < 0) {
      request.socket.destroy();
    } else if (request.url?.endsWith("/result")) {
      this.#verdict(this.#find(request.url.replace("/result", "")), response);
    } else if (request.url === "/api/uploads") {
      this.#create(request, response);
    } else {
      this.#take(
        this.#find(request.url ?? ""),
        override === "PATCH" ? body : null,
        request,
        response,
      );
    }
  }

  #find(url: string): Kept | undefined {
    return this.uploads.get(url.split("/").pop() ?? "");
  }

  #create(request: IncomingMessage, response: ServerResponse): void {
    if (this.refuse !== undefined) {
      response.writeHead(this.refuse.status).end(JSON.stringify({ detail: this.refuse.detail }));
      return;
    }
    const told = decode(String(request.headers["upload-metadata"]));
    const known = [...this.uploads].find(([, kept]) => kept.metadata.key === told.key);
    const id = known?.[0] ?? String(this.uploads.size + 1);
    if (known !== undefined) {
      response.writeHead(201, { Location: `/api/uploads/${id}`, "Tus-Resumable": "1.0.0" }).end();
      return;
    }
    this.uploads.set(id, {
      length: Number(request.headers["upload-length"]),
      metadata: told,
      bytes: Buffer.alloc(0),
      asked: 0,
    });
    response.writeHead(201, { Location: `/api/uploads/${id}`, "Tus-Resumable": "1.0.0" }).end();
  }

  #take(
    kept: Kept | undefined,
    body: Buffer | null,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (kept === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (body !== null && Number(request.headers["upload-offset"]) !== kept.bytes.length) {
      response.writeHead(409).end();
      return;
    }
    kept.bytes = Buffer.concat([kept.bytes, body ?? Buffer.alloc(0)]);
    const headers = {
      "Upload-Offset": kept.bytes.length,
      "Upload-Length": kept.length,
      "Tus-Resumable": "1.0.0",
    };
    response.writeHead(body === null ? 200 : 204, headers).end();
  }

  #verdict(kept: Kept | undefined, response: ServerResponse): void {
    if (kept === undefined) {
      response.writeHead(404).end();
      return;
    }
    kept.asked += 1;
    const name = kept.metadata.filename ?? "";
    const file = { name, verdict: "accepted", sentence: "", image_id: "i1" };
    const done = { status: "done", sentence: "", files: [file] };
    const working = { status: "working", sentence: "", files: [] };
    response.writeHead(200).end(JSON.stringify(kept.asked > 1 ? done : working));
  }
}
