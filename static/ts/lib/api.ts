import { tellLocked } from "./lock";
import { meta, under } from "./place";

const PATIENCE_MS = 30_000;
const LOCKED = ["session-locked", "sign-in-needed"];

interface FieldError {
  field: string;
  sentence: string;
}

/** A refusal in the words of RFC 9457, as the server's door writes it. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
  errors: FieldError[];
  /** where to go from here, for whoever may */
  location?: string;
  /** the draft's new version, where all but the named fields was kept */
  version?: number;
}

export type Answer =
  | { kind: "done"; data: Record<string, unknown> }
  | { kind: "problem"; problem: Problem }
  | { kind: "unreachable" };

interface Request {
  method?: string;
  body?: unknown;
  keepalive?: boolean;
}

/** The headers that every request of ours carries. */
export function headers(): Record<string, string> {
  return {
    "Accept-Language": document.documentElement.lang || "zh-Hans",
    "X-CSRF-Token": meta("csrf-token"),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readErrors(value: unknown): FieldError[] {
  return (Array.isArray(value) ? value : [])
    .filter(isRecord)
    .map((error) => ({ field: String(error.field ?? ""), sentence: String(error.sentence) }));
}

/** Read problem+json; a body that is none still has its status. */
export function readProblem(status: number, text: string): Problem {
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body)) {
      const detail = String(body.detail ?? body.title ?? "");
      const leads = typeof body.location === "string" ? { location: body.location } : {};
      const kept = typeof body.version === "number" ? { version: body.version } : {};
      const code = String(body.code ?? "");
      return { status, code, detail, errors: readErrors(body.errors), ...leads, ...kept };
    }
  } catch {
    // a proxy's own error page is not JSON
  }
  return { status, code: "", detail: "", errors: [] };
}

async function readDone(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}

/** One JSON request to a path of ours; never throws, for a form must not be lost to an exception. */
export async function send(url: string, request: Request = {}): Promise<Answer> {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const response = await fetch(under(url), {
      method: request.method ?? "POST",
      headers: { ...headers(), Accept: "application/json", "Content-Type": "application/json" },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      credentials: "same-origin",
      keepalive: request.keepalive ?? false,
      signal: stop.signal,
    });
    if (response.ok) {
      return { kind: "done", data: await readDone(response) };
    }
    const problem = readProblem(response.status, await response.text());
    if (LOCKED.includes(problem.code)) {
      tellLocked();
    }
    return { kind: "problem", problem };
  } catch {
    return { kind: "unreachable" };
  } finally {
    window.clearTimeout(timer);
  }
}
