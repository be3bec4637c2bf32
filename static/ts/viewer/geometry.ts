/** A place in a picture: 0\0 is the top left corner of its first pixel (PS3.3 C.18.6.1.1). */
type Place = [column: number, row: number];

/** How a picture lies on the screen: where its corner is, and how many screen pixels one of its own takes. */
interface Lying {
  x: number;
  y: number;
  across: number;
  down: number;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** How a picture of this size lies in the box of its element, which holds it whole in its middle. */
export function lying(
  box: Box,
  size: { width: number; height: number },
  cells: { columns: number; rows: number },
): Lying {
  const scale = Math.min(box.width / size.width, box.height / size.height);
  const width = size.width * scale;
  const height = size.height * scale;
  return {
    x: box.left + (box.width - width) / 2,
    y: box.top + (box.height - height) / 2,
    across: width / cells.columns,
    down: height / cells.rows,
  };
}

/** The picture's place under a point of the screen. */
export function placeAt(lie: Lying, x: number, y: number): Place {
  return [(x - lie.x) / lie.across, (y - lie.y) / lie.down];
}
