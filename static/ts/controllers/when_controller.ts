import { Controller } from "@hotwired/stimulus";
import { type Json, readForm } from "../lib/form_body";

function at(body: Json, path: string[]): Json {
  return path.reduce<Json>((value, key) => {
    const inside = typeof value === "object" && value !== null && !Array.isArray(value);
    return inside ? (value[key] ?? null) : null;
  }, body);
}

/** Shows its part of the form only while another field has one of the values; else it is not sent. */
export class WhenController extends Controller<HTMLElement> {
  static override values = {
    field: String,
    values: String,
    mode: { type: String, default: "hide" },
  };
  declare fieldValue: string;
  declare valuesValue: string;
  declare modeValue: string;
  #form: HTMLFormElement | null = null;

  override connect(): void {
    this.#form = this.element.closest("form");
    this.#form?.addEventListener("change", this.#apply);
    this.#apply();
  }

  override disconnect(): void {
    this.#form?.removeEventListener("change", this.#apply);
  }

  #apply = (): void => {
    if (this.#form === null) {
      return;
    }
    const value = at(readForm(this.#form), this.fieldValue.split("."));
    const wanted = this.valuesValue.split(" ");
    const on = (Array.isArray(value) ? value : [value]).some((one) => wanted.includes(String(one)));
    const changed = on === this.element.hasAttribute("data-when-off");
    this.element.toggleAttribute("data-when-off", !on);
    if (this.modeValue === "disable" && this.element instanceof HTMLFieldSetElement) {
      this.element.disabled = !on;
    } else {
      this.element.hidden = !on;
    }
    if (changed) {
      // another part of the form may depend on a field in here
      this.#form.dispatchEvent(new Event("change"));
    }
  };
}
