import { word } from "./words";

/** Block a button while its request is under way, and say so on it; the answer restores it. */
export function busy(button: HTMLElement | null): () => void {
  if (button === null) {
    return () => undefined;
  }
  const before = [...button.childNodes];
  const blocked = button.getAttribute("aria-disabled");
  button.setAttribute("aria-disabled", "true");
  button.replaceChildren(word("working"));
  return () => {
    button.replaceChildren(...before);
    if (blocked === null) {
      button.removeAttribute("aria-disabled");
    } else {
      button.setAttribute("aria-disabled", blocked);
    }
  };
}
