const LONGEST_PX = 2600;
const QUALITIES = [0.85, 0.7, 0.5];
const MOST_BYTES = 1_800_000;

/** The picture as JPEG, at most so long. */
async function drawn(picture: ImageBitmap, longest: number, quality: number): Promise<Blob | null> {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/**
 * A photograph small enough for a thin line and a proxy, large enough to read a page by; it says
 * nothing of where and when it was taken. What the browser cannot read goes as it is: the server says why not.
 */
export async function shrunk(file: File): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file);
    let made: Blob | null = null;
    for (const longest of [LONGEST_PX, LONGEST_PX / 2]) {
      for (const quality of QUALITIES) {
        if (made === null || made.size > MOST_BYTES) {
          made = await drawn(picture, longest, quality);
        }
      }
    }
    picture.close();
    return made ?? file;
  } catch {
    return file;
  }
}
