import type { Outcomes } from "./verdict";

function show(among: Iterable<HTMLElement>, isShown: (each: HTMLElement) => boolean): void {
  for (const each of among) {
    each.hidden = !isShown(each);
  }
}

function parts(of: HTMLElement, selector: string): HTMLElement[] {
  return [...of.querySelectorAll<HTMLElement>(selector)];
}

/** The steps of the page, whose sentences the server wrote: a step says one of them at a time. */
export class Sheet {
  readonly found: Outcomes = {};
  readonly #steps: Map<string, HTMLElement>;

  constructor(steps: HTMLElement[]) {
    this.#steps = new Map(steps.map((each) => [each.dataset.step ?? "", each]));
    for (const code of this.#steps.keys()) {
      this.#turn(code, "waiting", "");
    }
  }

  begin(code: string): void {
    this.#turn(code, "running", "");
  }

  /** A step has come to something; `detail` stands behind its sentence. */
  end(code: string, outcome: string, detail = ""): void {
    const step = this.#steps.get(code);
    const said = step?.querySelector<HTMLElement>(`[data-outcome="${outcome}"]`);
    this.found[code] = outcome;
    this.#turn(code, said?.dataset.tone ?? "failed", outcome);
    const fill = said?.querySelector("[data-fill]");
    if (fill) {
      fill.textContent = detail;
    }
  }

  /** Every step with its state and sentence, a line each, as IT is sent it. */
  text(): string {
    return [...this.#steps.values()]
      .map((step) =>
        parts(step, ".test-title, [data-state]:not([hidden]), [data-outcome]:not([hidden])")
          .concat(step.dataset.now === "failed" ? parts(step, "[data-address]") : [])
          .map((each) => each.textContent?.replace(/\s+/g, " ").trim())
          .join(" | "),
      )
      .join("\n");
  }

  #turn(code: string, state: string, outcome: string): void {
    const step = this.#steps.get(code);
    if (step !== undefined) {
      step.dataset.now = state;
      step.dataset.came = outcome;
      show(parts(step, "[data-state]"), (each) => each.dataset.state === state);
      show(parts(step, "[data-outcome]"), (each) => each.dataset.outcome === outcome);
    }
  }
}
