import type { Answer } from "./api";
import { go, isLeft, isRedrawn, reload } from "./place";
import { showProblem, showSentence } from "./problems";
import { word } from "./words";

interface After {
  /** the element that announces `…:done` */
  source: HTMLElement;
  event: string;
  /** where a refusal is shown */
  place: HTMLElement;
  stay: boolean;
  unreachable?: string;
}

/**
 * What every form and button does with its answer; true when the act was done. The answer to an act
 * of a room that was left moves nobody out of the next one.
 */
export function follow(answer: Answer, after: After): boolean {
  if (isLeft(after.source)) {
    return answer.kind === "done";
  }
  if (answer.kind === "unreachable") {
    showSentence(after.place, after.unreachable || word("network"));
    return false;
  }
  if (answer.kind === "problem") {
    showProblem(after.place, answer.problem);
    return false;
  }
  const location = answer.data.location;
  if (typeof location === "string" && go(location)) {
    return true;
  }
  after.source.dispatchEvent(
    new CustomEvent(`${after.event}:done`, { bubbles: true, detail: answer.data }),
  );
  if (!after.stay) {
    if (after.source instanceof HTMLFormElement) {
      settle(after.source);
    }
    reload();
  }
  return true;
}

/** What was sent is no unsaved input any more: a page that is drawn in its own place takes it away. */
function settle(form: HTMLFormElement): void {
  if (isRedrawn()) {
    form.reset();
  }
}
