import { under } from "./place";

const SVG = "http://www.w3.org/2000/svg";

/** One symbol of the external sprite, whose address the server writes on <body>. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "ic");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${under(document.body.dataset.icons ?? "")}#i-${name}`);
  svg.append(use);
  return svg;
}

/** Give a drawn icon another symbol. */
export function changeIcon(svg: Element | null, name: string): void {
  const use = svg?.querySelector("use");
  const href = use?.getAttribute("href") ?? "";
  use?.setAttribute("href", href.replace(/#.*$/, `#i-${name}`));
}
