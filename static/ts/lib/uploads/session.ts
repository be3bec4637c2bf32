import { onUnlocked } from "../lock";
import { account, isLeavingInside, under } from "../place";
import { UploadQueue } from "./queue";

let queue: UploadQueue | undefined;
let pending = 0;

/** How many hundredths of the line this house lets be taken; the shell's line about files says it. */
function shareOfLine(): number {
  const share = document.querySelector<HTMLElement>("[data-queue-share-value]")?.dataset;
  return Number(share?.queueShareValue ?? 100);
}

/** The queue of the signed-in person; nobody's on pages before sign-in. */
export function uploadQueue(): UploadQueue | undefined {
  if (queue === undefined && account() !== "") {
    queue = new UploadQueue(account(), under("/api/uploads"), { share: shareOfLine() });
  }
  return queue;
}

/** How many files have not been taken by the server yet. */
export function pendingCount(): number {
  return pending;
}

async function count(): Promise<void> {
  pending = (await queue?.list())?.length ?? 0;
  document.dispatchEvent(new CustomEvent("uploads:pending", { detail: pending }));
}

/** Whichever page is open carries on, and asks before the browser is closed over waiting files. */
export function startUploads(): void {
  const mine = uploadQueue();
  if (mine === undefined) {
    return;
  }
  mine.listen(new AbortController().signal, (news) => {
    if (news.say !== "progress") {
      void count();
    }
  });
  window.addEventListener("online", mine.wake);
  onUnlocked(mine.goOn);
  window.addEventListener("beforeunload", (event) => {
    // a page that nobody has touched may not ask, and the browser complains when it tries
    const touched = navigator.userActivation?.hasBeenActive ?? true;
    if (pending > 0 && touched && !isLeavingInside()) {
      event.preventDefault();
    }
  });
  void count().then(mine.wake);
}
