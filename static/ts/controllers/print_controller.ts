import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";

/** Prints the page; where a url is given, the server hears of it first. */
export class PrintController extends Controller<HTMLElement> {
  static override values = { url: String };
  declare urlValue: string;

  override connect(): void {
    this.element.addEventListener("click", this.#print);
  }

  override disconnect(): void {
    this.element.removeEventListener("click", this.#print);
  }

  #print = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.urlValue !== "") {
      await send(this.urlValue, { body: {} });
    }
    window.print();
  };
}
