import { drawnAs, isAddressed } from "./drawing";
import { addressOf, forgetDrawn } from "./larder";
import { reload, under } from "./place";

/** How a preview is asked for ahead of its page. */
export const PREVIEW = "image/jpeg";
const PATIENCE_MS = 30_000;
const ROOM = /^\/cases\/[0-9a-f]+\/reading$/;

/** Whether an address is a reading room, to which another reading room can turn in place. */
export function isRoom(location: string): boolean {
  return ROOM.test(location);
}

/** Going back or on to a room that was drawn in this document loads it as a page of its own. */
export function watchBack(): void {
  window.addEventListener("popstate", () => {
    if (!isAddressed()) {
      reload();
    }
  });
}

/** Nothing is written into a room while the next one is on its way: ends with what is returned. */
export function holdRoom(): () => void {
  const holding = new AbortController();
  const shell = document.querySelector(".read-shell");
  shell?.toggleAttribute("inert", true);
  // keys press buttons by scripts, which ask nothing of what is inert
  window.addEventListener("keydown", (event) => event.stopImmediatePropagation(), {
    capture: true,
    signal: holding.signal,
  });
  return () => {
    holding.abort();
    shell?.toggleAttribute("inert", false);
  };
}

/**
 * Draw the next reading room in the place of this one. The page itself comes from the server at
 * this moment, as by following a link: only pictures and scripts are here already. False where it
 * has to be loaded as a page of its own.
 */
export async function turnTo(location: string): Promise<boolean> {
  const page = await read(location).catch(() => null);
  if (page === null || !isSameBuild(page)) {
    return false;
  }
  window.history.pushState(null, "", under(location));
  drawnAs(under(location));
  forgetDrawn();
  usePictures(page);
  document.title = page.title;
  for (const meta of page.querySelectorAll<HTMLMetaElement>("meta[name]")) {
    const own = document.querySelector<HTMLMetaElement>(`meta[name="${meta.name}"]`);
    own?.setAttribute("content", meta.content);
  }
  document.body.replaceWith(document.adoptNode(page.body));
  standAtHead();
  return true;
}

/** The focus stands at the new room's heading, which a screen reader then says: its case's number. */
function standAtHead(): void {
  const heading = document.querySelector<HTMLElement>("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

async function read(location: string): Promise<Document | null> {
  const answer = await fetch(under(location), {
    headers: { Accept: "text/html" },
    credentials: "same-origin",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

/** After an upgrade of the server the scripts of this page are not those of the next one. */
function isSameBuild(page: Document): boolean {
  const built = "script[type=module][src], link[rel=stylesheet][href]";
  const listed = (each: Document) =>
    [...each.querySelectorAll(built)].map(
      (it) => it.getAttribute("src") ?? it.getAttribute("href"),
    );
  return (
    page.querySelector(".read-shell") !== null && listed(page).join() === listed(document).join()
  );
}

function usePictures(page: Document): void {
  const parts = [page, ...[...page.querySelectorAll("template")].map((part) => part.content)];
  for (const picture of parts.flatMap((part) => [...part.querySelectorAll("img")])) {
    const path = picture.getAttribute("src") ?? picture.dataset.later;
    const here = path === undefined ? undefined : addressOf(path, PREVIEW);
    if (here !== undefined) {
      picture.src = here;
      delete picture.dataset.later;
    }
  }
}
