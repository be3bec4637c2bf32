"""What the page of a call has of each of the others: pictures that were decoded, and sound."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.makers.media_house import eventually
from tests.makers.screen import Screen
from tests.makers.world_people import Person

PATIENCE_S: Final = 200.0
"""How long several pages on one busy machine are waited for."""
_SOME: Final = 5
_COUNT: Final = """async () => {
  const peers = window.callPeers.filter((each) => each.connectionState !== "closed");
  const count = async (track, name) => {
    const peer = peers.find((each) => each.getReceivers().some((one) => one.track === track));
    const stats = track && peer ? [...(await peer.getStats(track)).values()] : [];
    return stats.find((each) => each.type === "inbound-rtp")?.[name] ?? 0;
  };
  const tiles = [...document.querySelectorAll('.call-tile[data-shows="camera"]')];
  return Promise.all(tiles.map(async (tile) => {
    const [picture] = tile.querySelector("video").srcObject?.getVideoTracks() ?? [];
    const [sound] = tile.querySelector("audio").srcObject?.getAudioTracks() ?? [];
    return {
      person: tile.dataset.person,
      name: tile.querySelector('[data-part="name"]').textContent,
      pictures: await count(picture, "framesDecoded"),
      sound: await count(sound, "totalAudioEnergy"),
      has_sound: sound !== undefined,
    };
  }));
}"""


@dataclass(frozen=True)
class Had:
    """Of one other person: pictures, the energy of her sound, and whether any sound is hers."""

    name: str
    pictures: int
    sound: float
    has_sound: bool

    def is_more_than(self, before: "Had") -> bool:
        """Whether more was seen and heard since."""
        is_named = self.name != ""
        return is_named and self.pictures > before.pictures + _SOME and self.sound > before.sound

    def is_anew(self, before: "Had") -> bool:
        """Whether another track has taken the place of the one before."""
        return self.pictures < before.pictures or self.sound < before.sound


async def counted_of_each(screen: Screen) -> Mapping[str, Had]:
    """By the id of the other person."""
    told = await screen.page.evaluate(_COUNT)
    return {each.pop("person"): Had(**each) for each in told}


async def has_all(screen: Screen, others: Collection[Person]) -> None:
    """Wait until she sees and hears more of each of these, and nobody else has a tile."""
    before: dict[str, Had] = {}

    async def has_more() -> bool:
        now = await counted_of_each(screen)
        for person, had in now.items():
            if person not in before or had.is_anew(before[person]):
                before[person] = had
        return set(now) == {each.id for each in others} and all(
            had.is_more_than(before[person]) for person, had in now.items()
        )

    await eventually(has_more, within_s=PATIENCE_S)


async def everybody_has_all(screens: Sequence[Screen], people: Sequence[Person]) -> None:
    """Each sees and hears each of the others; page and person stand at the same place."""
    for screen, person in zip(screens, people, strict=True):
        await has_all(screen, [each for each in people if each is not person])


async def hears_nothing_of(screen: Screen, person: Person) -> None:
    """Wait until her page says that she is muted, and has no sound of hers."""
    tile = f'.call-tile[data-person="{person.id}"][data-shows="camera"]'
    await screen.at(f'{tile} [data-part="muted"]').wait_for(state="visible")

    async def is_quiet() -> bool:
        had = (await counted_of_each(screen)).get(person.id)
        return had is not None and not had.has_sound

    await eventually(is_quiet, within_s=PATIENCE_S)
