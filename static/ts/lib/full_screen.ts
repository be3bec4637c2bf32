/** Whether the pictures fill the screen; the report beside them is not seen then. */
export function isFullScreen(): boolean {
  return (document.fullscreenElement ?? null) !== null;
}

/** Whether this stands in what full screen does not show: no key works what nobody sees. */
export function isUnseen(element: Element): boolean {
  return isFullScreen() && element.closest(".grade") !== null;
}

/** As a promise: the report is before the reader again. */
export async function leaveFullScreen(): Promise<void> {
  await document.exitFullscreen().catch(() => undefined);
}
