import { Controller } from "@hotwired/stimulus";

/** Compares a file with the hashes of what was issued; no byte of it leaves the computer. */
export class HashCheckController extends Controller<HTMLElement> {
  static override targets = ["drop", "input", "same", "other", "cannot", "hash"];
  static override values = { hashes: Array };
  declare readonly dropTarget: HTMLElement;
  declare readonly inputTarget: HTMLInputElement;
  declare readonly sameTarget: HTMLElement;
  declare readonly otherTarget: HTMLElement;
  declare readonly cannotTarget: HTMLElement;
  declare readonly hashTarget: HTMLElement;
  declare hashesValue: string[];

  override connect(): void {
    this.inputTarget.addEventListener("change", this.#chosen);
    this.dropTarget.addEventListener("dragover", this.#over);
    this.dropTarget.addEventListener("drop", this.#dropped);
  }

  override disconnect(): void {
    this.inputTarget.removeEventListener("change", this.#chosen);
    this.dropTarget.removeEventListener("dragover", this.#over);
    this.dropTarget.removeEventListener("drop", this.#dropped);
  }

  #over = (event: DragEvent): void => event.preventDefault();

  #dropped = (event: DragEvent): void => {
    event.preventDefault();
    void this.#compare(event.dataTransfer?.files[0]);
  };

  #chosen = (): void => {
    void this.#compare(this.inputTarget.files?.[0]);
  };

  async #compare(file: File | undefined): Promise<void> {
    if (file === undefined) {
      return;
    }
    this.#show(undefined);
    // secure contexts only: a clinic's plain http has none, and the page says so
    const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
    if (subtle === undefined) {
      this.#show(this.cannotTarget);
      return;
    }
    const digest = await subtle.digest("SHA-256", await file.arrayBuffer());
    const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
    this.hashTarget.textContent = hash.join("");
    this.#show(this.hashesValue.includes(hash.join("")) ? this.sameTarget : this.otherTarget);
  }

  #show(shown: HTMLElement | undefined): void {
    for (const each of [this.sameTarget, this.otherTarget, this.cannotTarget]) {
      each.hidden = each !== shown;
    }
  }
}
