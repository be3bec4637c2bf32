/** What can be chosen below the first line, by number; nothing is touched where it stands so already. */
export function list(select: HTMLSelectElement, names: string[]): void {
  const listed = [...select.options].slice(1).map((option) => option.text);
  if (names.join("\n") === listed.join("\n")) {
    return;
  }
  while (select.options.length > 1) {
    select.remove(1);
  }
  for (const [at, name] of names.entries()) {
    select.add(new Option(name, String(at)));
  }
}
