/** Open a native dialog; what carries data-dialog-close in it closes it. */
export function openDialog(id: string): HTMLDialogElement | null {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) {
    return null;
  }
  if (dialog.dataset.wired === undefined) {
    dialog.dataset.wired = "";
    dialog.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-dialog-close]")) {
        dialog.close();
      }
    });
    dialog.addEventListener("close", () => forgetSecrets(dialog));
  }
  dialog.showModal();
  return dialog;
}

/** A password is typed for one act; a closed dialog keeps none. */
function forgetSecrets(dialog: HTMLDialogElement): void {
  for (const secret of dialog.querySelectorAll<HTMLInputElement>("input[type=password]")) {
    secret.value = "";
  }
}
