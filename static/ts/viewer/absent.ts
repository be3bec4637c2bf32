/** Stands in for modules of Node that libraries name and no browser has; nothing here is called. */
export class EventEmitter {}

export function create(): never {
  throw new Error("not in a browser");
}
