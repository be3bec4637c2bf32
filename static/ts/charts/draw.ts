import UPlot from "uplot";
import { sparse } from "./labels";

/** One series as the page tells it; a look that is told apart without colour. */
interface Series {
  name: string;
  look: "solid" | "hatched" | "line" | "dashed";
  values: (number | null)[];
}

/** What a chart shows: a label for each place and the series over them. */
export interface Told {
  labels: string[];
  series: Series[];
}

const HEIGHT_PX = 180;
const BAR_SHARE = 0.7;
const WIDEST_BAR_PX = 40;
const HATCH_PX = 6;
const DASH_PX = [6, 4];
const HALF = 0.5;

/** Stripes of the ink on the ground: seen on black and white paper too. */
function hatch(ink: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = HATCH_PX;
  tile.height = HATCH_PX;
  const pen = tile.getContext("2d");
  if (pen === null) {
    return ink;
  }
  pen.strokeStyle = ink;
  pen.beginPath();
  pen.moveTo(0, HATCH_PX);
  pen.lineTo(HATCH_PX, 0);
  pen.stroke();
  return pen.createPattern(tile, "repeat") ?? ink;
}

function drawn(each: Series, ink: string): UPlot.Series {
  if (each.look === "line" || each.look === "dashed") {
    return {
      label: each.name,
      stroke: ink,
      width: 2,
      ...(each.look === "dashed" ? { dash: DASH_PX } : {}),
    };
  }
  const paths = UPlot.paths.bars?.({ size: [BAR_SHARE, WIDEST_BAR_PX] });
  return {
    label: each.name,
    stroke: ink,
    width: 1,
    fill: () =>
      (each.look === "hatched" ? hatch(ink) : ink) as CanvasRenderingContext2D["fillStyle"],
    points: { show: false },
    ...(paths === undefined ? {} : { paths }),
  };
}

/** Draws the chart into the element, as wide as it is; the answer draws it at another width or removes it. */
export function draw(element: HTMLElement, told: Told): { fit: () => void; remove: () => void } {
  const style = getComputedStyle(element);
  const ink = style.getPropertyValue("--accent").trim() || style.color;
  const line = style.getPropertyValue("--line").trim() || style.color;
  const axis = {
    stroke: style.color,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
  };
  const wide = () => Math.max(element.clientWidth - 24, HATCH_PX);
  const plot = new UPlot(
    {
      width: wide(),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [-HALF, told.labels.length - HALF] },
        y: { range: (_plot, _least, most) => [0, Math.max(most, 1)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          splits: () => told.labels.map((_label, place) => place),
          values: (_plot, places) => sparse(told.labels, places, wide()),
        },
        axis,
      ],
      series: [{}, ...told.series.map((each) => drawn(each, ink))],
    },
    [told.labels.map((_label, place) => place), ...told.series.map((each) => each.values)],
    element,
  );
  return {
    fit: () => plot.setSize({ width: wide(), height: HEIGHT_PX }),
    remove: () => plot.destroy(),
  };
}
