/** The parts of a call's page that say one of several sentences, all of which the server wrote. */
export class Stage {
  readonly #root: HTMLElement;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** Which part of the page stands there: check, waiting, call, over. */
  get phase(): string {
    return this.#root.dataset.now ?? "";
  }

  turn(phase: string): void {
    this.#root.dataset.now = phase;
    this.say("phase", phase);
  }

  /** Of everything that is told of `what` only the sentence of this code is shown. */
  say(what: string, code: string): void {
    for (const each of this.all(`[data-${what}]`)) {
      each.hidden = each.dataset[what] !== code;
    }
  }

  /** Put words into the places of this name. */
  fill(name: string, text: string): void {
    for (const each of this.all(`[data-fill="${name}"]`)) {
      each.textContent = text;
    }
  }

  /** Show or hide what is of one kind of people alone. */
  show(selector: string, isShown: boolean): void {
    for (const each of this.all(selector)) {
      each.hidden = !isShown;
    }
  }

  /** How a button that stays pressed stands. */
  press(name: string, isPressed: boolean): void {
    for (const each of this.all(`[data-toggle="${name}"]`)) {
      each.setAttribute("aria-pressed", String(isPressed));
    }
  }

  all(selector: string): HTMLElement[] {
    return [...this.#root.querySelectorAll<HTMLElement>(selector)];
  }

  one<T extends HTMLElement>(selector: string): T {
    const found = this.#root.querySelector<T>(selector);
    if (found === null) {
      throw new Error(`the page of a call has ${selector}`);
    }
    return found;
  }
}
