import type { Problem } from "./api";
import { icon } from "./icons";
import { under } from "./place";
import { word } from "./words";

const OWN = "data-problem";

function remove(root: ParentNode): void {
  for (const said of root.querySelectorAll(`[${OWN}]`)) {
    said.remove();
  }
}

/** Take every earlier refusal off the form; the next answer speaks for itself. */
export function clearProblems(root: HTMLElement): void {
  remove(root);
  for (const control of root.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    const ids = (control.getAttribute("aria-describedby") ?? "").split(" ");
    const kept = ids.filter((id) => id !== "" && !id.endsWith("-problem"));
    if (kept.length > 0) {
      control.setAttribute("aria-describedby", kept.join(" "));
    } else {
      control.removeAttribute("aria-describedby");
    }
  }
  for (const field of root.querySelectorAll(".field-bad")) {
    field.classList.remove("field-bad");
  }
}

function controlsNamed(root: HTMLElement, field: string): HTMLElement[] {
  const parent = field.replace(/\.[0-9]+$/, "");
  for (const name of [field, `${field}[]`, parent, `${parent}[]`]) {
    const found = root.querySelectorAll<HTMLElement>(`[name="${CSS.escape(name)}"]`);
    if (found.length > 0) {
      return [...found];
    }
  }
  return [];
}

function sentenceLine(id: string, sentence: string): HTMLElement {
  const line = document.createElement("p");
  line.className = "error";
  line.id = id;
  line.setAttribute(OWN, "");
  line.append(icon("alert"), sentence);
  return line;
}

/** Say it under the field itself; false when the form has no such field. */
function sayAtField(root: HTMLElement, field: string, sentence: string): boolean {
  const controls = controlsNamed(root, field).filter(
    (control) => control.closest("[hidden]") === null,
  );
  const [first] = controls;
  if (first === undefined) {
    return false;
  }
  const id = `${field.replace(/[^A-Za-z0-9]+/g, "-")}-problem`;
  const box = first.closest<HTMLElement>(".field") ?? first.parentElement ?? root;
  box.classList.add("field-bad");
  box.append(sentenceLine(id, sentence));
  for (const control of controls) {
    control.setAttribute("aria-invalid", "true");
    const before = control.getAttribute("aria-describedby");
    control.setAttribute("aria-describedby", before === null ? id : `${before} ${id}`);
  }
  return true;
}

function notice(root: HTMLElement, lead: string, rest: string[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "notice notice-danger";
  box.setAttribute("role", "alert");
  box.setAttribute(OWN, "");
  box.tabIndex = -1;
  const text = document.createElement("div");
  text.append(lead);
  if (rest.length > 0) {
    const list = document.createElement("ul");
    list.append(
      ...rest.map((sentence) => {
        const item = document.createElement("li");
        item.textContent = sentence;
        return item;
      }),
    );
    text.append(list);
  }
  box.append(icon("alert"), text);
  root.prepend(box);
  return box;
}

function link(location: string): HTMLAnchorElement {
  const found = document.createElement("a");
  found.href = under(location);
  found.textContent = word("open");
  return found;
}

/** Show a refusal where it belongs; what was typed stays as it is, and so may the focus. */
export function showProblem(root: HTMLElement, problem: Problem, focus = true): void {
  clearProblems(root);
  const homeless = problem.errors
    .filter(({ field, sentence }) => !sayAtField(root, field, sentence))
    .map(({ sentence }) => sentence);
  const lead = problem.detail || word("failed", { status: problem.status });
  const box = notice(root, lead, homeless);
  if (problem.location?.startsWith("/") === true && !problem.location.startsWith("//")) {
    box.lastElementChild?.append(" ", link(problem.location));
  }
  if (focus) {
    box.focus();
  }
}

/** Nothing came back: say so in the given sentence. */
export function showSentence(root: HTMLElement, sentence: string): void {
  clearProblems(root);
  notice(root, sentence, []).focus();
}

/** The page's own place for refusals that belong to no form. */
export function noticePlace(near: HTMLElement): HTMLElement {
  return (
    near.closest<HTMLElement>("dialog form, dialog") ??
    document.getElementById("notices") ??
    document.body
  );
}
