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

/** Follow an answer's location, but only to a path of this very server. */
export function go(location: string): boolean {
  const target = new URL(under(location), window.location.href);
  if (target.origin !== window.location.origin || !/^\/(?!\/)/.test(location)) {
    return false;
  }
  leaveInside();
  window.location.assign(target.href);
  return true;
}

export function reload(): void {
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
