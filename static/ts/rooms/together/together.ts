import { Latest } from "../../lib/latest";
import type { Place } from "../../marks/model";
import type { Told } from "../line";
import type { Member } from "../roster";
import type { Stage } from "../stage";
import { Board } from "./board";
import { Lines } from "./lines";
import { isOn, type View } from "./model";
import { Pen } from "./pen";
import { Presenting } from "./presenting";
import { Seat } from "./seat";
import { Surface } from "./surface";
import { Talk } from "./talk";
import { Tools } from "./tools";

/** What looking together needs of the call. */
interface Around {
  me: string;
  say(message: Record<string, unknown>): void;
  named(person: string): string;
}

/** The picture that everybody in a call looks at, with everybody's hands and lines on it. */
export class Together {
  readonly #root: HTMLElement;
  readonly #around: Around;
  readonly #talk = new Talk();
  readonly #surface: Surface;
  readonly #board: Board;
  readonly #tools: Tools;
  readonly #seat: Seat;
  readonly #lines: Lines;
  readonly #presenting: Presenting;
  readonly #following = new Latest(() => this.#follow());
  #lost: View | undefined;
  #isDrawing = false;

  /** On the page of somebody who may see the pictures; nothing on another's. */
  static on(stage: Stage, around: Around): Together | undefined {
    const root = stage.all("[data-together]")[0];
    return root && new Together(root, stage, around);
  }

  constructor(root: HTMLElement, stage: Stage, around: Around) {
    this.#root = root;
    this.#around = around;
    this.#seat = new Seat(root, stage, around);
    // the pen hears of a hand before the viewer does
    new Pen(root, this);
    this.#board = new Board(around.me, around.named);
    this.#surface = new Surface(root, {
      placed: (view, frame, picture) => {
        this.#board.lay(view, frame, picture);
        this.#draw();
        this.#tools.update();
      },
      moved: () => this.#board.lie(),
      resized: () => this.#relay(),
    });
    this.#tools = new Tools(root, this.#surface);
    this.#lines = new Lines(this.#talk, this.#surface, root.dataset.marks ?? "", around);
    this.#presenting = new Presenting(
      () => this.#surface.read(),
      (view) => this.#shown(view),
    );
    root.addEventListener("click", this.#click);
    stage.one("[data-together-open]").addEventListener("click", () => this.#present(around.me));
  }

  /** Fetch the viewer before a picture is shown: on a thin line it would take minutes then. */
  prepare(): void {
    void import("../../viewer/stage").catch(() => undefined);
  }

  get isPresenter(): boolean {
    return this.#talk.showing.presenter === this.#around.me;
  }

  get isDrawing(): boolean {
    return this.#isDrawing;
  }

  /** A message of the room. */
  told(message: Told): void {
    if (message.told === "people" || message.told === "welcome") {
      this.#seat.know(message.people as Member[]);
    }
    const wasPresenter = this.isPresenter;
    const meant = this.#talk.take(message);
    if (message.told === "welcome" && wasPresenter && this.#talk.showing.presenter === "") {
      // the room's process was started again, and has forgotten who shows: this page has not
      this.#lost = this.#presenting.last;
      this.#present(this.#around.me);
    } else if (meant === "all") {
      this.#begin();
    } else if (meant === "view") {
      void this.#following.again();
    } else if (meant !== "" || message.told === "people") {
      this.#draw();
    } else if (message.told === "refused") {
      this.#refused(String(message.code));
    }
    if (meant !== "hands") {
      this.#update();
    }
  }

  /** The call is over, or nobody may see the page. */
  end(): void {
    this.#talk.end();
    this.#presenting.stop();
    this.#isDrawing = false;
    this.#seat.know([]);
    this.#update();
    void this.#surface.close();
  }

  placeOf(event: MouseEvent): Place | undefined {
    return this.#talk.showing.view === null ? undefined : this.#board.placeOf(event);
  }

  point(at: Place | null): void {
    const { view } = this.#talk.showing;
    if (view !== null) {
      this.#around.say({ say: "point", image: view.image, frame: view.frame, at });
    }
  }

  stroke(name: string, points: Place[]): void {
    this.#lines.draw(name, points);
    this.#draw();
    this.#update();
  }

  #click = (event: Event): void => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const { act = "", image = "" } = button?.dataset ?? {};
    if (image !== "" && this.isPresenter) {
      void this.#surface.show(image).then(() => this.#tools.update());
    } else if (act !== "") {
      this.#press(act);
    }
  };

  readonly #acts: Record<string, () => void> = {
    take: () => this.#present(this.#around.me),
    give: () => this.#present(this.#seat.chosen || this.#around.me),
    stop: () => this.#present(""),
    draw: () => {
      this.#isDrawing = !this.#isDrawing;
    },
    undo: () => this.#lines.undo(),
    wipe: () => this.#lines.wipe(),
    keep: () => void this.#lines.keep().then((how) => this.#seat.say(how)),
  };

  #press(act: string): void {
    const own = this.#acts[act];
    if (own !== undefined) {
      own();
    } else if (this.isPresenter) {
      this.#isDrawing = false;
      this.#tools.press(act);
    }
    this.#update();
  }

  #present(person: string): void {
    this.#around.say({ say: "present", person });
  }

  #refused(code: string): void {
    if (code === "strokes-full") {
      this.#talk.dropRefused();
      this.#draw();
    }
    this.#seat.say(code);
  }

  /** Somebody shows, or nobody any more. */
  #begin(): void {
    const { presenter, view } = this.#talk.showing;
    this.#presenting.stop();
    this.#update();
    if (presenter === "") {
      void this.#surface.close();
    } else if (this.isPresenter) {
      void this.#take();
    } else if (view !== null) {
      void this.#following.again();
    }
  }

  /** This person shows from now on: what was shown already, else the first picture. */
  async #take(): Promise<void> {
    const view = this.#talk.showing.view ?? this.#lost ?? null;
    this.#lost = undefined;
    this.#talk.showing = { ...this.#talk.showing, view };
    if (view === null) {
      await this.#surface.show(this.#surface.first);
    } else {
      await this.#following.again();
    }
    if (this.isPresenter) {
      this.#presenting.begin();
      this.#tools.update();
    }
  }

  /** The presenter's own picture stands otherwise. */
  #shown(view: View): void {
    const isOther = !isOn(this.#talk.showing.view, view);
    this.#talk.showing = { ...this.#talk.showing, view };
    this.#around.say({ say: "view", view });
    if (isOther) {
      this.#draw();
      this.#update();
    }
  }

  async #follow(): Promise<void> {
    const { view } = this.#talk.showing;
    if (view === null) {
      return;
    }
    if (!this.#surface.has(view.image)) {
      this.#seat.say("unknown");
      return;
    }
    await this.#surface.apply(view);
    this.#draw();
  }

  /** The frame has another size: the same part of the picture stands in it. */
  #relay(): void {
    const { view } = this.#talk.showing;
    if (view !== null && !this.isPresenter && this.#surface.stands(view)) {
      this.#surface.lay(view);
    }
  }

  #draw(): void {
    const { showing, strokes, hands } = this.#talk;
    const here = <T extends { image: string; frame: number }>(all: Iterable<T>): T[] =>
      [...all].filter((each) => isOn(showing.view, each));
    this.#board.draw(here(strokes.values()));
    this.#board.point(here(hands.values()).filter(({ by }) => this.#seat.isOther(by)));
  }

  #update(): void {
    this.#root.dataset.pen = this.#isDrawing ? "draw" : "";
    this.#seat.show(this.#talk, this.#isDrawing);
  }
}
