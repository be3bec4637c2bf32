import { isDirty } from "./form_body";

/**
 * Makes a drawn part of the page equal to a newer drawing of it, node by node, so that focus,
 * selection, scrolled places and open disclosures stay. A form with unsaved input is left alone,
 * and so is what a script added (data-own). Nothing above the anchor, which is the child under
 * the pointer or the focus, comes or goes: new rows wait below it, old ones only fade.
 */
export interface Redrawn {
  /** keyed children that were not there before */
  fresh: HTMLElement[];
  /** something could not take its place because of the anchor */
  waiting: boolean;
}

interface Work extends Redrawn {
  anchor: Element | null;
}

const MARKS = new Set(["is-on", "is-new"]);

function keyOf(node: Node): string | null {
  return node instanceof HTMLElement ? (node.dataset.key ?? (node.id || null)) : null;
}

function isOwn(node: Node | null): boolean {
  return node instanceof HTMLElement && node.dataset.own !== undefined;
}

function hasUnsaved(node: Node): boolean {
  return (
    node instanceof Element &&
    ((node instanceof HTMLFormElement && isDirty(node)) ||
      [...node.querySelectorAll("form")].some(isDirty))
  );
}

function isBefore(node: Node, other: Node): boolean {
  return (node.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

/** Whether a disclosure or a dialog is open is the reader's doing. */
function staysAsItIs(element: Element, name: string): boolean {
  return name === "open" && (element.nodeName === "DIALOG" || element.nodeName === "DETAILS");
}

function syncAttributes(old: Element, now: Element): void {
  const marks = [...old.classList].filter((mark) => MARKS.has(mark));
  const names = new Set([...old.getAttributeNames(), ...now.getAttributeNames()]);
  for (const name of names) {
    const value = now.getAttribute(name);
    if (staysAsItIs(old, name) || value === old.getAttribute(name)) {
      continue;
    }
    if (value === null) {
      old.removeAttribute(name);
    } else {
      old.setAttribute(name, value);
    }
  }
  if (marks.length > 0) {
    old.classList.add(...marks);
  }
}

/** The old child that a new one continues: of the same key, or the next unkeyed one of its kind. */
function takeMatch(now: Node, left: ChildNode[]): ChildNode | null {
  const key = keyOf(now);
  const at = left.findIndex((old) => old.nodeName === now.nodeName && keyOf(old) === key);
  return at < 0 ? null : (left.splice(at, 1)[0] ?? null);
}

/** Take away what the new drawing lacks; above the holder of the anchor it only fades. */
function drop(old: ChildNode, holder: Element | null, work: Work): void {
  if (hasUnsaved(old)) {
    return;
  }
  const stays = holder !== null && (old === holder || isBefore(old, holder));
  if (stays && old instanceof HTMLElement) {
    old.classList.add("is-gone");
    old.inert = true;
    work.waiting = true;
  } else {
    old.remove();
  }
}

function afterOwn(node: ChildNode | null): ChildNode | null {
  let at = node;
  while (isOwn(at)) {
    at = at?.nextSibling ?? null;
  }
  return at;
}

/** Put the nodes in this order from the cursor on; answers whether one had to stay where it is. */
function place(
  parent: Element,
  order: ChildNode[],
  start: ChildNode | null,
  mayMove: (node: ChildNode) => boolean,
): boolean {
  let cursor = afterOwn(start);
  let stayed = false;
  for (const node of order) {
    if (node === cursor) {
      cursor = afterOwn(node.nextSibling);
    } else if (mayMove(node)) {
      parent.insertBefore(node, cursor);
    } else {
      stayed = true;
    }
  }
  return stayed;
}

/** Put the children in order; with a holder only what lies below it moves. */
function arrange(parent: Element, wanted: ChildNode[], holder: Element | null, work: Work): void {
  if (holder === null) {
    place(parent, wanted, parent.firstChild, () => true);
    return;
  }
  const at = wanted.indexOf(holder);
  const late = wanted.slice(0, Math.max(at, 0)).filter((node) => node.parentNode !== parent);
  const order = [...late, ...wanted.slice(at + 1)];
  const isFree = (node: ChildNode) => node.parentNode !== parent || !isBefore(node, holder);
  const stayed = place(parent, order, holder.nextSibling, isFree);
  work.waiting ||= stayed || late.length > 0;
}

function adopt(now: Node, work: Work): ChildNode {
  const copy = document.importNode(now, true) as ChildNode;
  if (copy instanceof HTMLElement && copy.dataset.key !== undefined) {
    work.fresh.push(copy);
  }
  return copy;
}

function redrawChildren(old: Element, now: Element, work: Work): void {
  const left = [...old.childNodes].filter((child) => !isOwn(child));
  const holder = [...old.children].find((child) => child.contains(work.anchor)) ?? null;
  const wanted = [...now.childNodes].map((child) => {
    const match = takeMatch(child, left);
    if (match === null) {
      return adopt(child, work);
    }
    redraw(match, child, work);
    return match;
  });
  for (const gone of left) {
    drop(gone, holder, work);
  }
  arrange(old, wanted, holder, work);
}

function redraw(old: ChildNode, now: Node, work: Work): void {
  if (old instanceof HTMLFormElement && isDirty(old)) {
    return;
  }
  if (old instanceof Element && now instanceof Element) {
    syncAttributes(old, now);
    redrawChildren(old, now, work);
  } else if (old.textContent !== now.textContent) {
    old.textContent = now.textContent;
  }
}

/** Redraw `old` as `now`, both of the same kind and key. */
export function morph(old: Element, now: Element, anchor: Element | null): Redrawn {
  const work: Work = { anchor, fresh: [], waiting: false };
  redraw(old, now, work);
  return { fresh: work.fresh, waiting: work.waiting };
}
