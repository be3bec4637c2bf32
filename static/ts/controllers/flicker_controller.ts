import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { todayOf } from "../lib/beside";
import { type Lain, overlay } from "../lib/overlay";
import type { PriorPicture } from "../lib/priors";
import { word } from "../lib/words";
import type { Stage } from "../viewer/stage";

interface Pair {
  exam: string;
  picture: PriorPicture | undefined;
  film: HTMLElement;
  view: HTMLElement | null;
}

const OWN_KEYS = ["KeyJ", "Semicolon", "Quote"];
const ACTS = ["pointerdown", "wheel", "keydown"] as const;

/**
 * Today's picture and the earlier one laid over it take turns in one place (VW-03): at a rate that
 * is safe to look at, by hand where the reader wants no motion, and until anything else is done.
 */
export class FlickerController extends Controller<HTMLElement> {
  static override targets = ["turn", "rate"];
  declare readonly turnTarget: HTMLElement;
  declare readonly rateTargets: HTMLElement[];
  readonly #laid = new Map<string, Lain>();
  #stage: Stage | undefined;
  #pair: Pair | undefined;
  #rate = 0;
  #timer: number | undefined;
  #canvas: HTMLCanvasElement | undefined;

  override connect(): void {
    this.#rate = this.#rates.begins;
    this.element.addEventListener("viewer:ready", this.#ready);
    this.element.addEventListener("priors:shown", this.#paired);
    this.element.addEventListener("priors:left", this.#unpaired);
    document.addEventListener("visibilitychange", this.#end);
    for (const act of ACTS) {
      document.addEventListener(act, this.#other, { capture: true, passive: true });
    }
  }

  override disconnect(): void {
    this.#end();
    this.element.removeEventListener("viewer:ready", this.#ready);
    this.element.removeEventListener("priors:shown", this.#paired);
    this.element.removeEventListener("priors:left", this.#unpaired);
    document.removeEventListener("visibilitychange", this.#end);
    for (const act of ACTS) {
      document.removeEventListener(act, this.#other, { capture: true });
    }
  }

  async turn(): Promise<void> {
    if (this.#canvas !== undefined) {
      this.#end();
      return;
    }
    const pair = this.#pair;
    const lain = pair === undefined ? undefined : await this.#ask(pair);
    const today = this.#stage?.current;
    const prior = this.#stage?.paneAt(pair?.view ?? null);
    if (lain === undefined || pair !== this.#pair || !this.element.isConnected) {
      return;
    }
    if (!today?.isWhole || !prior?.isWhole) {
      this.#tell(word("priorWait"));
      return;
    }
    this.#canvas = overlay(today.canvas, prior.canvas, lain);
    this.turnTarget.setAttribute("aria-pressed", "true");
    this.#flip();
    this.#run();
    this.#say(lain);
  }

  slower(): void {
    this.#change(-1);
  }

  faster(): void {
    this.#change(1);
  }

  #change(by: number): void {
    const { slowest, fastest } = this.#rates;
    this.#rate = Math.min(Math.max(this.#rate + by, slowest), fastest);
    if (this.#canvas !== undefined) {
      this.#run();
      this.#say(this.#laid.get(keyOf(this.#pair)));
    }
  }

  #run(): void {
    window.clearInterval(this.#timer);
    if (!isStill()) {
      this.#timer = window.setInterval(() => this.#flip(), 1000 / this.#rate);
    }
  }

  #flip(): void {
    const canvas = this.#canvas;
    const view = canvas?.closest<HTMLElement>(".view");
    if (canvas !== undefined && view) {
      canvas.hidden = !canvas.hidden;
      view.classList.toggle("is-prior", !canvas.hidden);
      const day = view.querySelector(".view-day");
      const earlier = word("priorEarlier", { day: this.#pair?.picture?.day ?? "" });
      day?.replaceChildren(canvas.hidden ? todayOf(this.#pair?.film) : earlier);
    }
  }

  async #ask(pair: Pair): Promise<Lain | undefined> {
    const known = this.#laid.get(keyOf(pair));
    if (known !== undefined || pair.picture === undefined) {
      return known;
    }
    const body = { image_id: pair.film.dataset.film, prior_image_id: pair.picture.id };
    const url = `${this.element.dataset.priorsUrlValue}/${pair.exam}/registration`;
    const answer = await send(url, { body });
    if (answer.kind !== "done") {
      const problem = answer.kind === "problem" ? answer.problem : undefined;
      this.#tell(problem?.errors[0]?.sentence ?? problem?.detail ?? word("priorClosed"));
      return undefined;
    }
    const lain = answer.data as unknown as Lain;
    this.#laid.set(keyOf(pair), lain);
    return lain;
  }

  #say(lain: Lain | undefined): void {
    const near = word("priorLaid", { n: (lain?.residual_px ?? 0).toFixed(1) });
    this.#tell(isStill() ? near : `${near} · ${word("priorRate", { n: this.#rate })}`);
  }

  #tell(text: string): void {
    this.element.querySelector("[data-priors-target=say]")?.replaceChildren(text);
  }

  get #rates(): { slowest: number; begins: number; fastest: number } {
    return JSON.parse(this.element.dataset.viewerOptionsValue ?? "{}").flicker;
  }

  #ready = (event: Event): void => {
    this.#stage = (event as CustomEvent<{ stage: Stage }>).detail.stage;
  };

  #paired = (event: Event): void => {
    this.#end();
    this.#tell("");
    this.#pair = (event as CustomEvent<Pair>).detail;
    const isPair = this.#pair.picture !== undefined && this.#pair.picture.side !== "";
    for (const button of [this.turnTarget, ...this.rateTargets]) {
      button.hidden = !isPair || (button !== this.turnTarget && isStill());
    }
  };

  #unpaired = (): void => {
    this.#end();
    this.#pair = undefined;
    for (const button of [this.turnTarget, ...this.rateTargets]) {
      button.hidden = true;
    }
  };

  #other = (event: Event): void => {
    const isOwn =
      event instanceof KeyboardEvent
        ? OWN_KEYS.includes(event.code)
        : [this.turnTarget, ...this.rateTargets].some((each) =>
            each.contains(event.target as Node),
          );
    if (!isOwn) {
      this.#end();
    }
  };

  #end = (): void => {
    window.clearInterval(this.#timer);
    if (this.#canvas !== undefined) {
      this.#canvas.hidden = false;
      this.#flip();
      this.#canvas.remove();
      this.#canvas = undefined;
      this.turnTarget.setAttribute("aria-pressed", "false");
    }
  };
}

function keyOf(pair: Pair | undefined): string {
  return `${pair?.film.dataset.film} ${pair?.picture?.id}`;
}

function isStill(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
