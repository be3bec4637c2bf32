"""What the automatic check of fundus photographs tells and misses, on public photographs: a page.

python -m benchmarks.quality > docs/quality.md

The photographs lie in the folder LIANZHEN_TEST_DATA. Nothing here starts a server.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import process_time

from PIL import Image

from benchmarks.checked import DATA, ROOT, RULES, check, draw, slices, told
from benchmarks.counts import Count
from consult.studies.quality import (
    QualityCheck,
    QualityFault,
    QualityVerdict,
)
from tests.makers.degraded import (
    GRAVE,
    HARMLESS,
    SLIGHT,
    Degrade,
    copy_of,
    draw_face,
    fundus_files,
    load,
)

DRAWN = 12
BAR_MS = 150
MEASURE_WORDS = {
    "field": "share of the round field that is in the picture and lit",
    "light": "median brightness of the field, 0 to 255",
    "clipped": "share of the field that is burnt out in green",
    "focus": "fine by coarse detail, along the direction that has lost most",
    "vessels": "share of the field that is dark lines",
    "evenness": "darkest by brightest eighth of the outer ring",
    "field_px": "diameter of the field in pixels of the copy that is looked at",
}


def main() -> None:
    """Print the page."""
    real = {path.stem: load(path) for path in fundus_files(DATA)}
    drawn = {f"drawn {number}": draw(number) for number in range(DRAWN)}
    pairs: list[Pair] = []
    head, foot = (ROOT / "benchmarks" / "quality.md").read_text("utf-8").split("{figures}\n")
    print(head, end="")
    print_measures()
    print_alarms(real, drawn, pairs)
    print_faults(real, pairs)
    print_others()
    print_pairs(pairs)
    print_times(real)
    print(foot, end="")


@dataclass(frozen=True, slots=True)
class Pair:
    """The verdict on a photograph and on the small copy that a page sends ahead."""

    name: str
    what: str
    whole: QualityCheck
    copy: QualityCheck


def print_measures() -> None:
    """What is measured, and its limits."""
    print(f"Version {RULES.version} of the limits:\n")
    print("| fault | measure | spoken of | take again |\n|---|---|---|---|")
    for limit in RULES.limits:
        sign = "<" if limit.is_least else ">"
        words = MEASURE_WORDS[limit.measure]
        print(f"| {limit.fault} | `{limit.measure}`: {words} ", end="")
        print(f"| {sign} {limit.good:g} | {sign} {limit.usable:g} |")


def print_alarms(
    real: Mapping[str, Image.Image], drawn: Mapping[str, Image.Image], pairs: list[Pair]
) -> None:
    """What is said of photographs with which nothing is wrong."""
    print("\n## Alarms where there is nothing\n")
    print("Share that is `good`, with its interval; below it what was said of the others.\n")
    print("| changed by | good | take again |\n|---|---|---|")
    for name, degrade in HARMLESS.items():
        row(f"real, {name}", QualityVerdict.GOOD, run(real, name, degrade, pairs))
    row("drawn, clear media", QualityVerdict.GOOD, run(drawn, "drawn", HARMLESS["as it is"], pairs))


def run(
    images: Mapping[str, Image.Image], what: str, degrade: Degrade, pairs: list[Pair]
) -> list[Pair]:
    """The verdicts on these photographs, changed so."""
    found = []
    for name, image in images.items():
        changed = degrade(image)
        found.append(Pair(name, what, check(changed), check(copy_of(changed))))
    pairs += found
    return found


def row(label: str, wanted: QualityVerdict, found: Sequence[Pair]) -> None:
    """One line of a table."""
    good, again = Count(), Count()
    for pair in found:
        good.add(f"{pair.name}: {told(pair.whole)}", is_hit=pair.whole.verdict is wanted)
        again.add(pair.name, is_hit=pair.whole.verdict is QualityVerdict.RETAKE)
    missed = f" · {'; '.join(good.missed)}" if good.missed else ""
    print(f"| {label} | {good}{missed} | {again.hits}/{again.of} |")


def print_faults(real: Mapping[str, Image.Image], pairs: list[Pair]) -> None:
    """What is said of each fault."""
    print("\n## Faults put into the real photographs\n")
    print(
        "`told`: the fault is named. `again`: the advice is to take it again, for whatever fault.\n"
    )
    print("| fault | put in by | told | again | otherwise |\n|---|---|---|---|---|")
    sums: dict[QualityFault, tuple[Count, Count]] = {}
    for fault, name, degrade in each_fault():
        named, again = Count(), Count()
        whole = sums.setdefault(fault, (Count(), Count()))
        for pair in run(real, f"{fault}: {name}", degrade, pairs):
            is_named = fault in {each.fault for each in pair.whole.findings}
            is_again = pair.whole.verdict is QualityVerdict.RETAKE
            for count, is_hit in ((named, is_named), (whole[0], is_named)):
                count.add(f"{pair.name}: {told(pair.whole)}", is_hit=is_hit)
            for count in (again, whole[1]):
                count.add(pair.name, is_hit=is_again)
        missed = "; ".join(named.missed)
        print(f"| {fault} | {name} | {named} | {again} | {missed} |")
    print("\n| fault | told, all degrees together | again |\n|---|---|---|")
    for fault, (named, again) in sums.items():
        print(f"| {fault} | {named} | {again} |")


def each_fault() -> Iterator[tuple[QualityFault, str, Degrade]]:
    """Every fault in every degree, the slight ones first."""
    for fault in QualityFault:
        for faults in (SLIGHT, GRAVE):
            for name, degrade in faults.get(fault, {}).items():
                yield fault, name, degrade


def print_others() -> None:
    """What is said of pictures that show no fundus."""
    print("\n## Pictures that show no fundus\n")
    print("| picture | said of it |\n|---|---|")
    for folder in ("non-fundus-photo", "non-fundus-blurred"):
        for path in sorted((DATA / "image" / folder).iterdir()):
            print(f"| {path.name} | {told(check(load(path)))} |")
    print(f"| a face, drawn by code, before a dark wall | {told(check(draw_face()))} |")
    for label, picture in slices().items():
        print(f"| {label}, as a grey photograph | {told(check(picture))} |")


def print_pairs(pairs: Sequence[Pair]) -> None:
    """Where the small copy and the photograph are told differently."""
    print("\n## The small copy against the photograph\n")
    verdicts = list(QualityVerdict)
    print(f"| photograph ↓, copy → | {' | '.join(verdicts)} |")
    print("|---|" + "---|" * len(verdicts))
    for whole in verdicts:
        counts = [
            sum((pair.whole.verdict, pair.copy.verdict) == (whole, copy) for pair in pairs)
            for copy in verdicts
        ]
        print(f"| {whole} | {' | '.join(map(str, counts))} |")
    apart = [pair for pair in pairs if pair.whole.verdict is not pair.copy.verdict]
    agreed = Count(len(pairs) - len(apart), len(pairs))
    print(f"\nThe verdicts agree in {agreed}. Where they do not:\n")
    for pair in apart:
        print(f"- {pair.name}, {pair.what}: copy {told(pair.copy)}, photograph {told(pair.whole)}")
    if not apart:
        print("- nowhere")


def print_times(real: Mapping[str, Image.Image]) -> None:
    """Processor time of the measures."""
    print("\n## What it costs\n")
    print(f"Processor time of measures and verdict, without decoding; bar {BAR_MS} ms.\n")
    print("| photograph | processor ms, median of 9 | held |\n|---|---|---|")
    first = next(iter(real.values()))
    sizes = {"small copy, 1024 px": copy_of(first), "the largest real one": real[max(real)]}
    for longest in (2047, 4288):  # the jail decodes a JPEG at a fraction, at most to this size
        share = longest / max(first.size)
        size = (longest, round(first.height * share))
        sizes[f"{size[0]} × {size[1]}"] = first.resize(size, Image.Resampling.BICUBIC)
    for label, image in sizes.items():
        spent = cost_ms(image)
        print(f"| {label} | {spent:.0f} | {'yes' if spent <= BAR_MS else 'NO'} |")


def cost_ms(image: Image.Image) -> float:
    """The middle of nine."""
    spent = []
    for _ in range(9):
        began = process_time()
        check(image)
        spent.append((process_time() - began) * 1000)
    return sorted(spent)[len(spent) // 2]


if __name__ == "__main__":
    main()
