import { morph } from "./morph";
import { under } from "./place";

const PATIENCE_MS = 30_000;
const AROUND = ["desk-banner", "desk-bar"];
const OPEN = ".row-form";

/** The desk as the server draws it at an address; null where it does not come. */
export async function readDesk(location: string): Promise<Document | null> {
  try {
    const answer = await fetch(under(location), {
      headers: { Accept: "text/html" },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** The rows of the list; the open row's own parts are left as they are. */
export function drawRows(desk: HTMLElement, page: Document): void {
  const shared = page.getElementById(desk.id);
  if (shared !== null) {
    const now = document.importNode(shared, true);
    now.querySelector(OPEN)?.remove();
    morph(desk, now, null);
  }
}

/** The same with banner, bar and the parts of the open row, which an act has changed. */
export function drawAll(desk: HTMLElement, page: Document): void {
  drawAround(page);
  drawRows(desk, page);
  const open = desk.querySelector(OPEN);
  const now = page.querySelector(OPEN);
  if (open !== null && now !== null) {
    // a choice that nobody has made counts as unsaved, and would keep what is no longer missing
    for (const form of open.querySelectorAll(".lack form")) {
      form.remove();
    }
    morph(open, now, null);
  }
}

/** Another row stands open: what stood open before goes as it is, for it was kept. */
export function turnDesk(desk: HTMLElement, page: Document): void {
  desk.querySelector(OPEN)?.remove();
  drawAround(page);
  const now = page.getElementById(desk.id);
  if (now !== null) {
    morph(desk, now, null);
  }
}

/** The row on which something fell, where its patient's draft can take it. */
export function rowUnder(event: Event): HTMLElement | null {
  const target = event.target instanceof Element ? event.target : null;
  return target?.closest<HTMLElement>("tr[data-drop]") ?? null;
}

/** What the address of the next patient asks for; nothing after the last one. */
export function nextSearch(): string {
  const next = document.getElementById("desk-next");
  return next instanceof HTMLAnchorElement ? next.search : "";
}

function drawAround(page: Document): void {
  for (const id of AROUND) {
    const now = page.getElementById(id);
    const here = document.getElementById(id);
    if (now !== null && here !== null) {
      morph(here, now, null);
    }
  }
}
