/**
 * What a form says, as JSON: names with dots become nested objects (`right.quality`), a number
 * between dots makes a list of objects (`images.0.eye`), `name[]` or data-list a list.
 */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement;

const INDEX = /^(0|[1-9][0-9]{0,2})$/;
const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

function isControl(element: Element): element is Control {
  return (
    element instanceof HTMLInputElement ||
    element instanceof HTMLSelectElement ||
    element instanceof HTMLTextAreaElement
  );
}

/** Controls that take part: named, enabled, and not put aside by a `when` condition. */
function controlsOf(form: HTMLElement): Control[] {
  const all =
    form instanceof HTMLFormElement
      ? form.elements
      : form.querySelectorAll("input,select,textarea");
  return [...all].filter(
    (element): element is Control =>
      isControl(element) &&
      element.name !== "" &&
      !element.matches(":disabled") &&
      element.closest("fieldset[disabled]") === null &&
      element.closest("[data-when-off]") === null,
  );
}

function typed(text: string, type: string | undefined): Json {
  if (text === "") {
    return null;
  }
  if (type === "boolean") {
    return text === "true";
  }
  // what is no number goes to the server as it was typed, and comes back as a sentence
  return type === "number" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function isChecked(control: Control): boolean {
  return control instanceof HTMLInputElement && control.checked;
}

function isList(name: string, controls: Control[]): boolean {
  return (
    name.endsWith("[]") ||
    controls.some((c) => c.dataset.list !== undefined || c.type === "select-multiple") ||
    (controls.length > 1 && controls.every((c) => c.type === "checkbox"))
  );
}

function listOf(controls: Control[]): Json[] {
  return controls.flatMap((control) => {
    const type = control.dataset.type;
    if (control instanceof HTMLSelectElement) {
      return [...control.selectedOptions].map((option) => typed(option.value, type));
    }
    const counts = control.type === "checkbox" || control.type === "radio";
    return (counts && !isChecked(control)) || control.value === ""
      ? []
      : [typed(control.value, type)];
  });
}

function answerOf(controls: Control[]): Json {
  const [first] = controls;
  if (first === undefined) {
    return null;
  }
  if (first.type === "checkbox") {
    return isChecked(first);
  }
  if (first.type === "radio") {
    const chosen = controls.find(isChecked);
    return chosen === undefined ? null : typed(chosen.value, chosen.dataset.type);
  }
  return typed(first.value, first.dataset.type);
}

function put(into: Json[] | { [key: string]: Json }, path: string[], value: Json): void {
  const [key, ...rest] = path;
  if (key === undefined || UNSAFE.has(key)) {
    return;
  }
  const box = into as { [key: string]: Json };
  const next = rest[0];
  if (next === undefined) {
    box[key] = value;
    return;
  }
  const inner = box[key] ?? (INDEX.test(next) ? [] : {});
  box[key] = inner;
  if (typeof inner === "object" && inner !== null) {
    put(inner, rest, value);
  }
}

/** Read the whole form; `submitter` adds the name and value of the pressed button. */
export function readForm(
  form: HTMLElement,
  submitter?: HTMLElement | null,
): { [key: string]: Json } {
  const groups = new Map<string, Control[]>();
  for (const control of controlsOf(form)) {
    groups.set(control.name, [...(groups.get(control.name) ?? []), control]);
  }
  const body: { [key: string]: Json } = {};
  for (const [name, controls] of groups) {
    const value = isList(name, controls) ? listOf(controls) : answerOf(controls);
    put(body, name.replace(/\[\]$/, "").split("."), value);
  }
  if (submitter instanceof HTMLButtonElement && submitter.name !== "") {
    put(body, submitter.name.split("."), typed(submitter.value, submitter.dataset.type));
  }
  return body;
}

/** Whether the person has changed anything since the page was drawn. */
export function isDirty(form: HTMLFormElement): boolean {
  return [...form.elements].some((control) => {
    if (control instanceof HTMLSelectElement) {
      return [...control.options].some((option) => option.selected !== option.defaultSelected);
    }
    if (control instanceof HTMLInputElement && ["checkbox", "radio"].includes(control.type)) {
      return control.checked !== control.defaultChecked;
    }
    return (
      (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) &&
      control.type !== "hidden" &&
      control.value !== control.defaultValue
    );
  });
}
