/** Where a pixel of the earlier picture lies in today's: `a + bi` times its place, and `x + yi`. */
export interface Lain {
  a: number;
  b: number;
  x: number;
  y: number;
  residual_px: number;
}

/** The earlier picture as it lies in today's, in a canvas over today's that moves as that does. */
export function overlay(
  today: HTMLCanvasElement,
  prior: HTMLCanvasElement,
  lain: Lain,
): HTMLCanvasElement {
  const made = document.createElement("canvas");
  made.className = "view-over";
  made.width = today.width;
  made.height = today.height;
  made.hidden = true;
  const pen = made.getContext("2d");
  if (pen !== null) {
    pen.fillRect(0, 0, made.width, made.height);
    pen.imageSmoothingQuality = "high";
    pen.setTransform(lain.a, lain.b, -lain.b, lain.a, lain.x, lain.y);
    pen.drawImage(prior, 0, 0);
  }
  made.style.transform = today.style.transform;
  today.after(made);
  return made;
}
