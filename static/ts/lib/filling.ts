export type Field = HTMLSelectElement | HTMLTextAreaElement | HTMLInputElement;

/** What a key put into a form, so that it can be taken back. */
export class Filling {
  readonly #form: HTMLFormElement;
  readonly #before = new Map<Field, string>();
  readonly #ticks: [HTMLInputElement, boolean][] = [];

  constructor(form: HTMLFormElement) {
    this.#form = form;
  }

  /** Put a value into a field, whatever stood there. */
  set(field: Field, value: string): void {
    this.#before.set(field, field.value);
    field.value = value;
  }

  /** Turn boxes or choices on or off; one choice turns another one off, so all are noted first. */
  tick(boxes: HTMLInputElement[], isOn: (box: HTMLInputElement) => boolean): void {
    this.#ticks.push(...boxes.map((box): [HTMLInputElement, boolean] => [box, box.checked]));
    for (const box of boxes) {
      box.checked = isOn(box);
    }
  }

  /** Say it in the field of this name, or choose it there, where nothing was said yet. */
  say(name: string, value: string): void {
    const fields = [...this.#form.querySelectorAll<Field>(`[name="${name}"]`)];
    const radios = fields.filter((field): field is HTMLInputElement => field.type === "radio");
    if (radios.length > 0) {
      const isSaid = radios.some((radio) => radio.checked);
      this.tick(isSaid ? [] : radios, (radio) => radio.value === value);
      return;
    }
    for (const field of fields.filter((one) => one.value.trim() === "")) {
      this.set(field, value);
    }
  }

  /** Everything stands as it did before. */
  undo(): void {
    for (const [field, value] of this.#before) {
      field.value = value;
    }
    for (const [box, was] of this.#ticks) {
      box.checked = was;
    }
  }
}
