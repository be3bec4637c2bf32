import { Controller } from "@hotwired/stimulus";
import { send } from "../lib/api";
import { listen } from "../lib/events";
import { isLocked, onCovered, onUnlocked } from "../lib/lock";
import { under } from "../lib/place";

const EVERY_MS = 4000;
const HEARD = /^room\.(rang|ring_|admitted|ended)/;

/** A call that rings for the reader; nothing in it is about a patient. */
interface OwnRing {
  case_id: string;
  room_id: string;
  caller: string;
  caller_en: string;
  institution: string;
  institution_en: string;
  rings_until: string;
}

/** A call that rings for the reader, on every page: take it, later, or decline. */
export class RingController extends Controller<HTMLElement> {
  static override targets = ["caller", "silent", "problem", "permit"];
  static override values = { title: String };
  declare readonly callerTarget: HTMLElement;
  declare readonly silentTarget: HTMLElement;
  declare readonly problemTarget: HTMLElement;
  declare readonly permitTarget: HTMLElement;
  declare titleValue: string;
  #listening = new AbortController();
  #ring: OwnRing | undefined;
  #timer = 0;
  #told: Notification | undefined;

  override connect(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    listen(signal, {
      entry: ({ kind }) => {
        if (HEARD.test(kind)) {
          void this.#look();
        }
      },
      reset: () => void this.#look(),
    });
    onUnlocked(() => void this.#look(), signal);
    onCovered(signal, () => this.#silence());
    void this.#look();
  }

  override disconnect(): void {
    this.#listening.abort();
    this.#silence();
  }

  async take(): Promise<void> {
    const ring = this.#ring;
    if (ring !== undefined && (await this.#say("accept"))) {
      window.location.assign(under(`/cases/${ring.case_id}/room`));
    }
  }

  async later(): Promise<void> {
    await this.#say("later");
  }

  async decline(): Promise<void> {
    await this.#say("decline");
  }

  /** Asked for by a press alone: browsers want it so, and so does whoever reads. */
  async permit(): Promise<void> {
    await Notification.requestPermission();
    this.#offer();
  }

  /** A page may sound once it was touched. */
  touch(): void {
    this.silentTarget.hidden = true;
  }

  async #say(said: string): Promise<boolean> {
    const ring = this.#ring;
    if (ring === undefined) {
      return false;
    }
    const answer = await send(`/api/cases/${ring.case_id}/room/ring/answer`, { body: { said } });
    if (answer.kind === "problem") {
      this.problemTarget.textContent = answer.problem.detail;
      this.problemTarget.hidden = false;
      this.#quiet();
    } else if (answer.kind === "done") {
      this.#silence();
    }
    return answer.kind === "done";
  }

  /** What rings for this reader now; while nothing can be asked, what rang goes on. */
  async #look(): Promise<void> {
    if (isLocked()) {
      return;
    }
    const answer = await send("/api/rings", { method: "GET" });
    if (answer.kind !== "done" || this.#listening.signal.aborted) {
      return;
    }
    const [ring] = answer.data.rings as OwnRing[];
    if (ring === undefined) {
      this.#silence();
    } else if (
      ring.room_id !== this.#ring?.room_id ||
      ring.rings_until !== this.#ring.rings_until
    ) {
      this.#begin(ring);
    }
  }

  #begin(ring: OwnRing): void {
    this.#silence();
    this.#ring = ring;
    const isEnglish = document.documentElement.lang === "en";
    const name = isEnglish ? ring.caller_en || ring.caller : ring.caller;
    const place = isEnglish ? ring.institution_en || ring.institution : ring.institution;
    this.callerTarget.textContent = `${name} · ${place}`;
    this.problemTarget.hidden = true;
    this.silentTarget.hidden = navigator.userActivation?.hasBeenActive ?? true;
    this.element.hidden = false;
    this.#offer();
    this.#notify(`${name} · ${place}`, ring.room_id);
    void send(`/api/cases/${ring.case_id}/room/ring/heard`, { body: {} });
    void this.#sound(Date.parse(ring.rings_until));
  }

  #offer(): void {
    this.permitTarget.hidden = !("Notification" in window && Notification.permission === "default");
  }

  #notify(who: string, room: string): void {
    if ("Notification" in window && Notification.permission === "granted" && document.hidden) {
      const told = new Notification(this.titleValue, { body: who, tag: room });
      told.addEventListener("click", () => {
        window.focus();
        told.close();
      });
      this.#told = told;
    }
  }

  async #sound(until: number): Promise<void> {
    const { playRing } = await import("../rooms/sounds");
    window.clearInterval(this.#timer);
    if (this.#ring === undefined) {
      return;
    }
    this.#timer = window.setInterval(() => {
      playRing();
      // the clock of the server moves it on; a page that missed the entry asks
      if (Date.now() > until) {
        void this.#look();
      }
    }, EVERY_MS);
    playRing();
  }

  #quiet(): void {
    window.clearInterval(this.#timer);
    this.#told?.close();
    this.#told = undefined;
  }

  #silence(): void {
    this.#quiet();
    this.#ring = undefined;
    this.element.hidden = true;
  }
}
