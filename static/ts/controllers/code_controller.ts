import { Controller } from "@hotwired/stimulus";
import { under } from "../lib/place";

const LETTERS = 16;
const GROUPS = /.{4}/g;

/** A verification code that is typed leads to its own address, which a plain file server knows. */
export class CodeController extends Controller<HTMLFormElement> {
  static override targets = ["input"];
  static override values = { place: String };
  declare readonly inputTarget: HTMLInputElement;
  declare placeValue: string;

  override connect(): void {
    this.element.addEventListener("submit", this.#go);
  }

  override disconnect(): void {
    this.element.removeEventListener("submit", this.#go);
  }

  #go = (event: SubmitEvent): void => {
    const plain = this.inputTarget.value.replace(/[\s-]/g, "").toUpperCase();
    if (plain.length !== LETTERS || !/^[0-9A-F]+$/.test(plain)) {
      return;
    }
    event.preventDefault();
    const language = new FormData(this.element).get("lang");
    const query = language === null ? "" : `?lang=${encodeURIComponent(String(language))}`;
    window.location.assign(under(`${this.placeValue}${plain.match(GROUPS)?.join("-")}${query}`));
  };
}
