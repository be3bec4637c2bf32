import { account } from "../lib/place";
import { word } from "../lib/words";
import { Figures } from "./figures";
import { Keeping, type Kept } from "./keeping";
import type { Layer, Shown } from "./layer";
import { Layers } from "./layers";
import { measured } from "./measure";
import {
  type Drawing,
  type Lesion,
  type Mark,
  MOST_KEY_IMAGES,
  MOST_MARKS,
  newId,
  type Place,
  type Sheet,
  type Tool,
} from "./model";
import { type Paper, Pen } from "./pen";
import { Saver, type Where } from "./saver";
import { MarkStore } from "./store";

interface Told {
  caseId: string;
  url: string;
  sheets: Sheet[];
  lesions: Lesion[];
  mayDraw: boolean;
}

/** The colour of what has no lesion. */
export const PLAIN = "#ffd43b";
const IN_CHINESE = document.documentElement.lang.startsWith("zh");

/** The marks of a case on the pictures of the room: the reader's own sheet, and those of others. */
export class Board implements Paper {
  tool: Tool | "select" | "" = "";
  lesion: string | null = null;
  showsOthers = true;
  readonly store: MarkStore;
  readonly saver: Saver;
  readonly pen: Pen;
  readonly #told: Told;
  readonly #layers: Layers;
  readonly #figures: Figures;
  readonly #others: readonly Sheet[];
  readonly #changed: () => void;
  readonly #own: Sheet;
  readonly #kept: Kept | undefined;
  #selected = "";
  #draft: Mark | undefined;

  constructor(
    room: HTMLElement,
    told: Told,
    on: { changed: () => void; tell: (where: Where) => void; signal: AbortSignal },
  ) {
    const own = told.sheets.find(({ is_mine }) => is_mine) ?? blankSheet();
    const keeping = new Keeping(told.caseId, newId());
    const kept = told.mayDraw && account() !== "" ? keeping.take() : undefined;
    this.#told = told;
    this.#own = own;
    this.#kept = kept;
    this.#changed = on.changed;
    this.#others = told.sheets.filter(({ is_mine }) => !is_mine);
    this.#figures = new Figures(`${told.url}/statistics`, () => this.draw());
    this.store = new MarkStore(drawingOf(kept ?? own), this.#drawn);
    this.saver = new Saver(told.url, own, { ...on, keeping, store: () => this.store });
    this.#layers = new Layers(room, (layer) => this.#drawOn(layer));
    this.pen = new Pen(room, this);
  }

  /** Draw what there is; what an earlier page could not send is sent now, or the reader chooses. */
  start(): void {
    this.#layers.start();
    this.draw();
    if (this.#kept !== undefined) {
      this.saver.resume(this.#kept, this.#own);
    }
  }

  get selected(): Mark | undefined {
    return this.#all().find(({ id }) => id === this.#selected);
  }

  get hasOthers(): boolean {
    return this.#others.some(({ marks }) => marks.length > 0);
  }

  /** The pictures that stand in a report: the reader's own choice, else what others chose. */
  get keyImages(): readonly string[] {
    const { key_images } = this.store.drawing;
    return this.#told.mayDraw ? key_images : this.#told.sheets.flatMap((sheet) => sheet.key_images);
  }

  isOwn(mark: Mark): boolean {
    return this.store.find(mark.id) !== undefined;
  }

  layerAt(target: EventTarget | null): Layer | undefined {
    return this.#told.mayDraw ? this.#layers.at(target) : undefined;
  }

  marksOn({ picture, number }: Layer): readonly Mark[] {
    return this.#all().filter(({ image_id, frame }) => {
      return image_id === picture?.image && frame === number;
    });
  }

  begin({ picture, number }: Layer, tool: Tool, points: readonly Place[]): Mark {
    const image_id = picture?.image ?? "";
    const { lesion } = this;
    return { id: newId(), tool, image_id, frame: number, points, label: "", lesion, eye: null };
  }

  draft(mark: Mark | undefined): void {
    this.#draft = mark;
    this.draw();
  }

  /** A mark is done: a picture has one optic disc, so a new one takes the place of the old. */
  commit(mark: Mark): void {
    const { marks } = this.store.drawing;
    if (!this.isOwn(mark) && marks.length >= MOST_MARKS) {
      return;
    }
    const before = marks.find(
      ({ tool, image_id, frame }) =>
        tool === "disc" && mark.tool === tool && image_id === mark.image_id && frame === mark.frame,
    );
    this.#selected = before === undefined ? mark.id : before.id;
    this.store.put({ ...mark, id: this.#selected });
  }

  select(id: string): void {
    this.#selected = id;
    this.#ask();
    this.draw();
  }

  /** Change the selected mark, if it is the reader's own. */
  change(change: Partial<Pick<Mark, "label" | "lesion">>): void {
    const mark = this.store.find(this.#selected);
    if (mark !== undefined) {
      this.store.put({ ...mark, ...change });
    }
  }

  remove(): void {
    if (this.store.find(this.#selected) !== undefined) {
      this.store.remove(this.#selected);
    }
  }

  /** Put everything from another window in the place of what is here, one step back away. */
  replace(drawing: Drawing): void {
    this.store.step(drawingOf(drawing));
  }

  /** A picture is chosen for the report, or is no longer; false where twelve are chosen already. */
  turnKey(image: string): boolean {
    const chosen = this.store.drawing.key_images;
    const isOn = chosen.includes(image);
    if (!isOn && chosen.length >= MOST_KEY_IMAGES) {
      return false;
    }
    const key_images = isOn ? chosen.filter((each) => each !== image) : [...chosen, image];
    this.store.step({ key_images });
    return true;
  }

  draw(): void {
    this.#layers.draw();
    this.#changed();
  }

  /** Whose mark it is, what it shows and measures. */
  describe(mark: Mark): string {
    const { author } = this.#sheetOf(mark);
    const lesion = this.#lesionOf(mark);
    const name = IN_CHINESE || author.name_en === "" ? author.name : author.name_en;
    const said = [lesion === undefined ? "" : IN_CHINESE ? lesion.zh : lesion.en, mark.label];
    return [name, ...said, this.#measured(mark), this.#figures.of(mark)]
      .filter((each) => each !== "")
      .join(" · ");
  }

  #all(): readonly Mark[] {
    const others = this.showsOthers ? this.#others.flatMap(({ marks }) => marks) : [];
    return [...others, ...this.store.drawing.marks];
  }

  #sheetOf(mark: Mark): Sheet {
    const other = this.#others.find(({ marks }) => marks.some(({ id }) => id === mark.id));
    const isOther = !this.isOwn(mark) && other !== undefined;
    return isOther ? other : { ...this.#own, ...this.store.drawing };
  }

  #lesionOf(mark: Mark): Lesion | undefined {
    return this.#told.lesions.find(({ code }) => code === mark.lesion);
  }

  #measured(mark: Mark): string {
    const { spacing } = this.#layers.pictureOf(mark.image_id) ?? { spacing: null };
    const say = (n: string) => word("marksPixels", { n });
    return measured(mark, this.#sheetOf(mark).marks, spacing, say);
  }

  #ask(): void {
    const mark = this.selected;
    if (mark !== undefined) {
      void this.#figures.ask(mark);
    }
  }

  #drawn = (): void => {
    this.#ask();
    this.draw();
    this.saver.touched();
  };

  #drawOn(layer: Layer): void {
    const here = this.marksOn(layer).filter(({ id }) => id !== this.#draft?.id);
    const draft = this.#draft;
    const isHere = draft?.image_id === layer.picture?.image && draft?.frame === layer.number;
    layer.show([...here, ...(draft !== undefined && isHere ? [draft] : [])].map(this.#shown));
  }

  #shown = (mark: Mark): Shown => {
    const isMine = this.isOwn(mark) || mark === this.#draft;
    const isSelected = mark.id === this.#selected || mark === this.#draft;
    const lesion = this.#lesionOf(mark);
    const name = mark.tool === "disc" && lesion === undefined ? word("marksDisc") : lesion?.short;
    const { author } = this.#sheetOf(mark);
    const said = [name ?? "", mark.label, this.#measured(mark), this.#figures.of(mark)];
    const whose = isMine ? [] : [IN_CHINESE ? author.name : author.name_en || author.name];
    const text = [...said, ...whose].filter((each) => each !== "").join(" ");
    return { mark, colour: lesion?.colour ?? PLAIN, text, isMine, isSelected };
  };
}

function drawingOf({ marks, key_images }: Drawing): Drawing {
  return { marks, key_images };
}

function blankSheet(): Sheet {
  const author = { id: "", name: "", name_en: "" };
  return { author, is_mine: true, revision: 0, saved_at: null, marks: [], key_images: [] };
}
