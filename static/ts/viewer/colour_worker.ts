import { type Bound, type Photograph, type Treatment, treat } from "./colour";

/** One photograph to be treated, as the page asks for it. */
export interface Order {
  number: number;
  photograph: Photograph;
  treatment: Treatment;
  bound: Bound;
}

/** The treated picture's bytes: red, green, blue and opacity of each pixel. */
export interface Treated {
  number: number;
  bytes: ArrayBuffer;
}

/** Treats photographs away from the page, which stays under the reader's hand meanwhile. */
addEventListener("message", ({ data }: MessageEvent<Order>) => {
  const { number, photograph, treatment, bound } = data;
  const bytes = treat(photograph, treatment, bound).data.buffer as ArrayBuffer;
  const treated: Treated = { number, bytes };
  postMessage(treated, { transfer: [bytes] });
});
