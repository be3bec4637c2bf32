import { Application, type ControllerConstructor } from "@hotwired/stimulus";
import { vi } from "vitest";

/** A request as the server would have seen it. */
export interface Asked {
  url: string;
  method: string;
  headers: Headers;
  body: unknown;
}

/** The outside world: answers what the pages ask, and remembers it. */
export function serve(answer: (asked: Asked) => Response | Promise<Response>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal("fetch", async (url: string, request: RequestInit = {}) => {
    const body = typeof request.body === "string" ? JSON.parse(request.body) : undefined;
    const headers = new Headers(request.headers);
    const asked = { url: String(url), method: request.method ?? "GET", headers, body };
    all.push(asked);
    return await answer(asked);
  });
  return all;
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

let running: Application | undefined;

/** Draw a page and start the named behaviours on it. */
export async function draw(
  html: string,
  controllers: Record<string, ControllerConstructor>,
): Promise<HTMLElement> {
  const page = new DOMParser().parseFromString(html, "text/html");
  // the behaviours of the page before are let go first, as when a tab goes elsewhere
  document.body.replaceChildren();
  await tick();
  running?.stop();
  document.body.replaceChildren(...page.body.childNodes);
  const application = Application.start(document.documentElement);
  running = application;
  for (const [name, controller] of Object.entries(controllers)) {
    application.register(name, controller);
  }
  await tick();
  return document.body;
}

/** Let promises and the observers of the page run. */
export async function tick(ms = 0): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

export function find<T extends HTMLElement = HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (element === null) {
    throw new Error(`the page has no ${selector}`);
  }
  return element;
}

/** Press a key where the focus is. */
export function press(code: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { code, bubbles: true, cancelable: true, ...more });
  (document.activeElement ?? document.body).dispatchEvent(event);
  return event;
}

/** Give <body> a sentence that the server would have written. */
export function say(words: Record<string, string>): void {
  for (const [name, text] of Object.entries(words)) {
    document.body.dataset[`word${name.charAt(0).toUpperCase()}${name.slice(1)}`] = text;
  }
}

export function setMeta(name: string, content: string): void {
  const meta = document.createElement("meta");
  meta.name = name;
  meta.content = content;
  document.head.append(meta);
}
