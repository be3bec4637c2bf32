/**
 * Sentences that a script may need stand on <body> as data-word-… attributes, written by the
 * server in the page's language; no sentence is kept in a script.
 */
export function word(name: string, fill: Record<string, string | number> = {}): string {
  const key = `word${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const text = document.body.dataset[key] ?? name;
  return text.replace(/\{([a-z]+)\}/g, (whole, slot: string) => String(fill[slot] ?? whole));
}

/** The time of day as the clinic writes it: 09:05. */
export function clock(at: Date): string {
  return [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}
