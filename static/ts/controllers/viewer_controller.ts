import { Controller } from "@hotwired/stimulus";
import { list } from "../lib/listing";
import { mirrored, rotated, type Turn, turnOf } from "../lib/turning";
import { word } from "../lib/words";
import type { Pane } from "../viewer/pane";
import type { Options, Stage } from "../viewer/stage";

type Look = "redFree" | "enhanced" | "inverted";

const LOOKS: Look[] = ["redFree", "enhanced", "inverted"];

/**
 * The viewer of the reading room: its scripts are loaded behind the first pictures, and take over
 * in their places. Where that cannot be, the pictures stay what the server draws.
 */
export class ViewerController extends Controller<HTMLElement> {
  static override targets = ["tool", "presets", "way"];
  static override values = { options: Object, url: String };
  declare readonly toolTargets: HTMLButtonElement[];
  declare readonly presetsTarget: HTMLSelectElement;
  declare readonly wayTarget: HTMLElement;
  declare optionsValue: Omit<Options, "onProcessor" | "seenUrl">;
  declare urlValue: string;
  #stage: Stage | undefined;
  #isOff = false;

  override connect(): void {
    this.element.addEventListener("room:chosen", this.#chosen);
    window.addEventListener("viewer:way", this.#update);
    if (document.readyState === "complete") {
      void this.#load();
    } else {
      window.addEventListener("load", () => void this.#load(), { once: true });
    }
  }

  override disconnect(): void {
    this.element.removeEventListener("room:chosen", this.#chosen);
    window.removeEventListener("viewer:way", this.#update);
    this.#stage?.close();
    this.#stage = undefined;
  }

  /** As an action: one of the looks that are on or off, for all pictures that are meant. */
  turn({ params }: { params: { look: Look } }): void {
    const pane = this.#stage?.current;
    const tool = this.toolTargets.find(({ dataset }) => dataset.viewerLookParam === params.look);
    const meant = (this.#stage?.meant ?? []).filter((each) => isFor(tool, each));
    if (pane === undefined || !meant.includes(pane)) {
      // a key presses what is hidden as well: a CT is never called red-free
      return;
    }
    const isOn = !pane.look[params.look];
    for (const each of meant) {
      each.look[params.look] = isOn;
      void each.paint();
    }
    this.#update();
  }

  reset(): void {
    for (const pane of this.#stage?.meant ?? []) {
      void pane.reset().then(this.#update);
      this.#fit();
    }
  }

  /** As an action: what a drag does, move the picture or set its window. */
  hand({ params }: { params: { hand: string } }): void {
    this.element.dataset.hand = params.hand;
    this.#update();
  }

  preset(): void {
    const pane = this.#stage?.current;
    const preset = pane?.presets[Number(this.presetsTarget.value)];
    if (pane !== undefined && preset !== undefined) {
      pane.look.choose(preset.range);
      void pane.paint();
    }
    this.presetsTarget.blur();
  }

  /** As an action: the picture alone that is looked at, a quarter on. */
  rotate(): void {
    this.#stand(rotated);
  }

  /** As an action: its left and right change places on the screen. */
  mirror(): void {
    this.#stand(mirrored);
  }

  #stand(next: (turn: Turn) => Turn): void {
    const pane = this.#stage?.current;
    if (pane?.isOn === true) {
      pane.turn(next(turnOf(pane.view)));
      this.#update();
    }
  }

  glass(): void {
    this.#stage?.glass.turn();
    this.#update();
  }

  fit(): void {
    this.#fit();
  }

  back(): void {
    this.#go(-1);
  }

  on(): void {
    this.#go(1);
  }

  /** The pictures fill the screen below the patient's name, in this room and those that follow. */
  fill(): void {
    if (document.fullscreenElement === null) {
      document.documentElement.requestFullscreen().catch(() => undefined);
    } else {
      void document.exitFullscreen();
    }
  }

  #go(by: number): void {
    const pane = this.#stage?.current;
    void pane?.go(pane.at + by);
  }

  #fit(): void {
    const view = this.#stage?.current?.view;
    view?.querySelector<HTMLElement>('[data-action="zoom#fit"]')?.click();
  }

  async #load(): Promise<void> {
    const onProcessor = new URLSearchParams(window.location.search).get("render") === "cpu";
    try {
      const { Stage } = await import("../viewer/stage");
      if (!this.element.isConnected) {
        return;
      }
      const options = { ...this.optionsValue, seenUrl: this.urlValue, onProcessor };
      this.#stage = new Stage(this.element, options, this.#update);
      this.dispatch("ready", { detail: { stage: this.#stage } });
      await this.#stage.chosen(this.#film?.dataset.film);
    } catch {
      this.#giveUp();
    }
    this.#update();
  }

  get #film(): HTMLElement | null {
    return this.element.querySelector<HTMLElement>(".film[aria-current=true]");
  }

  /** No scripts, no rendering: each picture is the one that the server draws. */
  #giveUp(): void {
    this.#isOff = true;
    this.#stage = undefined;
    for (const view of this.element.querySelectorAll<HTMLElement>(".view[data-viewer]")) {
      leave(view);
    }
  }

  #chosen = (event: Event): void => {
    const { film } = (event as CustomEvent<{ film?: HTMLElement }>).detail;
    const shot = `[data-room-target=shot][data-film="${film?.dataset.shot}"]`;
    const view = this.element.querySelector<HTMLElement>(`${shot} .view[data-viewer]`);
    if (this.#isOff && view !== null && view.dataset.viewer !== "off") {
      leave(view);
    }
    if (
      film !== undefined &&
      view?.dataset.viewer === "off" &&
      view.dataset.film !== film.dataset.film
    ) {
      view.dataset.film = film.dataset.film;
      view.dispatchEvent(new CustomEvent("viewer:film", { detail: this.#drawingOf(film) }));
    }
    void this.#stage?.chosen(film?.dataset.film);
  };

  #drawingOf({ dataset }: HTMLElement) {
    const { instance = "", film = "", preview = "", frames } = dataset;
    const url = this.urlValue.replace("{id}", film);
    return { preview, full: `${instance}/rendered`, url, partly: frames !== "1" };
  }

  #update = (): void => {
    const stage = this.#stage;
    const pane = stage?.current;
    for (const tool of this.toolTargets) {
      tool.hidden = pane?.isOn !== true || !isFor(tool, pane);
    }
    for (const look of LOOKS) {
      this.#mark(`[data-viewer-look-param=${look}]`, pane?.look[look] === true);
    }
    const { hand = "pan" } = this.element.dataset;
    const turn = turnOf(pane?.view ?? null);
    this.#mark("[data-viewer-hand-param=pan]", hand === "pan");
    this.#mark("[data-viewer-hand-param=window]", hand === "window");
    this.#mark("[data-viewer-hand-param=zoom]", hand === "zoom");
    this.#mark("[data-action='viewer#rotate']", turn.quarters > 0);
    this.#mark("[data-action='viewer#mirror']", turn.isMirrored);
    this.#mark("[data-action='viewer#glass']", stage?.glass.isOn === true);
    this.#listPresets();
    const isServers = this.#isOff || pane?.isDrawn === true;
    const way = isServers ? "server" : (stage?.press.way ?? "");
    this.wayTarget.textContent =
      way === "" ? "" : word(`viewerBy${way.charAt(0).toUpperCase()}${way.slice(1)}`);
    this.element.dataset.way = way;
  };

  #listPresets(): void {
    const presets = this.#stage?.current?.presets ?? [];
    this.presetsTarget.hidden = presets.length === 0 || this.#stage?.current?.isColour === true;
    list(
      this.presetsTarget,
      presets.map(({ name }) => name),
    );
  }

  #mark(which: string, isOn: boolean): void {
    this.element.querySelector(which)?.setAttribute("aria-pressed", String(isOn));
  }
}

function leave(view: HTMLElement): void {
  view.dataset.viewer = "off";
  view.dataset.film = view.closest<HTMLElement>("[data-room-target=shot]")?.dataset.film;
  view.dispatchEvent(new CustomEvent("viewer:gave-up"));
}

/** What a tool is for: photographs in colour, values in grey, or stacks. */
function isFor(tool: HTMLElement | undefined, { isColour, length }: Pane): boolean {
  const { needs = "" } = tool?.dataset ?? {};
  return (
    needs === "" ||
    (needs === "colour" && isColour) ||
    (needs === "grey" && !isColour) ||
    (needs === "stack" && length > 1)
  );
}
