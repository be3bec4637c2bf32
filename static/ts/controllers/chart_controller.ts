import { Controller } from "@hotwired/stimulus";
import type { Told } from "../charts/draw";

/** A chart beside its table: drawn once the page stands, and anew when its place changes its width. */
export class ChartController extends Controller<HTMLElement> {
  static override values = { told: String };
  declare toldValue: string;
  #drawn: { fit: () => void; remove: () => void } | undefined;
  readonly #sizes = new ResizeObserver(() => this.#drawn?.fit());

  override async connect(): Promise<void> {
    const { draw } = await import("../charts/draw");
    if (this.element.isConnected && this.#drawn === undefined) {
      this.#drawn = draw(this.element, JSON.parse(this.toldValue) as Told);
      this.#sizes.observe(this.element);
    }
  }

  override disconnect(): void {
    this.#sizes.disconnect();
    this.#drawn?.remove();
    this.#drawn = undefined;
  }
}
