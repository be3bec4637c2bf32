const LETTER_PX = 9;

/** Every label where there is room, else every second, third or further one. */
export function sparse(labels: string[], places: number[], widthPx: number): string[] {
  const longest = Math.max(...labels.map((label) => label.length), 1);
  const room = Math.max(Math.floor(widthPx / ((longest + 1) * LETTER_PX)), 1);
  const every = Math.max(Math.ceil(labels.length / room), 1);
  return places.map((place) => (place % every === 0 ? (labels[place] ?? "") : ""));
}
