import type { Film } from "../viewer/films";

/** A picture of an earlier exam, as the server tells it. */
export interface PriorPicture {
  id: string;
  day: string;
  side: string;
  field: string;
  label: string;
  caption: string;
  instance: string;
  frames: number;
  preview: string;
}

/** The picture of the same eye, of the same field where there is one; never one of another eye. */
export function pick(
  shown: PriorPicture[],
  today: { side?: string | undefined; field?: string | undefined },
): PriorPicture | undefined {
  const same = shown.filter(({ side }) => side === (today.side ?? ""));
  return same.find(({ field }) => field === today.field) ?? same[0];
}

function seriesOf(path: string): string {
  return path.replace(/\/instances\/[^/]+$/, "");
}

/** What is scrolled in its place: the picture alone, or its whole series where it is of no eye. */
export function filmsOf(picture: PriorPicture, shown: PriorPicture[], button: HTMLElement): Film[] {
  const isOfSeries = ({ side, instance }: PriorPicture) =>
    side === "" && seriesOf(instance) === seriesOf(picture.instance);
  const found = picture.side === "" ? shown.filter(isOfSeries) : [picture];
  return found.map(({ id, side, instance, frames }) => ({
    id,
    shot: picture.id,
    side,
    path: instance,
    frames,
    button,
  }));
}
