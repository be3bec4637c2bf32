export type Field = HTMLSelectElement | HTMLTextAreaElement | HTMLInputElement;

/** One thing that was put into a form: a field's words, or all the buttons of one question. */
interface Put {
  /** whether it stands there as it was put */
  stands(): boolean;
  back(): void;
}

/** What a key put into a form, so that it can be taken back. */
export class Filling {
  readonly #form: HTMLFormElement;
  readonly #all: Put[] = [];

  constructor(form: HTMLFormElement) {
    this.#form = form;
  }

  /** Whether the form says anything by it that it did not say before. */
  get isAny(): boolean {
    return this.#all.length > 0;
  }

  /** Whether nobody has changed any of it since. */
  get stands(): boolean {
    return this.#all.every((put) => put.stands());
  }

  /** Put a value into a field, whatever stood there. */
  set(field: Field, value: string): void {
    const before = field.value;
    field.value = value;
    if (field.value !== before) {
      const stands = () => field.value === value;
      this.#all.push({ stands, back: () => (field.value = before) });
    }
  }

  /** Turn boxes or choices on or off; one choice turns another one off, so all are noted first. */
  tick(boxes: HTMLInputElement[], isOn: (box: HTMLInputElement) => boolean): void {
    const before = new Map(boxes.map((box) => [box, box.checked]));
    for (const box of boxes) {
      box.checked = isOn(box);
    }
    for (const question of questionsOf(boxes)) {
      const put = new Map(question.map((box) => [box, box.checked]));
      if (question.some((box) => put.get(box) !== before.get(box))) {
        this.#all.push({ stands: () => isSo(put), back: () => turn(question, before) });
      }
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

  /** Everything stands as it did before, but for what somebody has said otherwise since. */
  undo(): void {
    for (const put of this.#all.splice(0)) {
      if (put.stands()) {
        put.back();
      }
    }
  }
}

/** Whether the form says another one of these choices already. */
export function isSaidOtherwise(form: HTMLFormElement, name: string, value = ""): boolean {
  const said = form.querySelector<HTMLInputElement>(`[name="${name}"]:checked`)?.value;
  return value !== "" && said !== undefined && said !== value;
}

/** The choices of one question together, a box by itself. */
function questionsOf(boxes: HTMLInputElement[]): HTMLInputElement[][] {
  const choices = new Map<string, HTMLInputElement[]>();
  for (const radio of boxes.filter(({ type }) => type === "radio")) {
    choices.set(radio.name, [...(choices.get(radio.name) ?? []), radio]);
  }
  return [...choices.values(), ...boxes.filter(({ type }) => type !== "radio").map((box) => [box])];
}

function isSo(told: Map<HTMLInputElement, boolean>): boolean {
  return [...told].every(([box, isOn]) => box.checked === isOn);
}

function turn(boxes: HTMLInputElement[], told: Map<HTMLInputElement, boolean>): void {
  for (const box of boxes) {
    box.checked = told.get(box) === true;
  }
}
