/** Where the page stands: the meta values that the server writes, and ways to other pages. */
export function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/**
 * The address of a path of ours: pages, values on elements and answers of the server say paths
 * from its own root, which may stand below a prefix of the host name.
 */
export function under(path: string): string {
  return `${meta("base-path")}${path}`;
}

/** The signed-in account; pending files and the event worker belong to it. Empty when nobody is. */
export function account(): string {
  return meta("account");
}

let leaving = false;

/** True while the page is being left for another page of the product. */
export function isLeavingInside(): boolean {
  return leaving;
}

function leaveInside(): void {
  leaving = true;
  window.setTimeout(() => {
    leaving = false;
  }, 2000);
}

type Turning = (location: string, load: () => void) => boolean;
let turning: Turning | undefined;

/** Until the signal ends, some locations are drawn in this page's place. */
export function useTurning(turn: Turning, signal: AbortSignal): void {
  turning = turn;
  signal.addEventListener("abort", () => {
    turning = turning === turn ? undefined : turning;
  });
}

/** Whether an element stood in a room that was left for another one drawn in its place. */
export function isLeft(element: Element): boolean {
  return element.getRootNode() instanceof HTMLBodyElement;
}

/** Follow an answer's location, but only to a path of this very server. */
export function go(location: string): boolean {
  const target = new URL(under(location), window.location.href);
  if (target.origin !== window.location.origin || !/^\/(?!\/)/.test(location)) {
    return false;
  }
  const load = () => {
    leaveInside();
    window.location.assign(target.href);
  };
  if (turning?.(location, load) !== true) {
    load();
  }
  return true;
}

let redrawing: (() => void) | undefined;

/** Until the signal ends, this page is drawn anew in its own place instead of being loaded. */
export function useRedrawing(redraw: () => void, signal: AbortSignal): void {
  redrawing = redraw;
  signal.addEventListener("abort", () => {
    redrawing = redrawing === redraw ? undefined : redrawing;
  });
}

export function isRedrawn(): boolean {
  return redrawing !== undefined;
}

export function reload(): void {
  if (redrawing !== undefined) {
    redrawing();
    return;
  }
  leaveInside();
  window.location.reload();
}

/** A followed link or a plain form is no closing of the browser: it needs no question. */
export function watchLeaving(): void {
  document.addEventListener("submit", leaveInside);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (link instanceof HTMLAnchorElement && link.origin === window.location.origin) {
      leaveInside();
    }
  });
}
