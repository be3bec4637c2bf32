"""Old images are moved to a colder store, and nobody notices: not even who dies in the middle."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from consult.blobs.errors import BlobDamagedError
from consult.blobs.folder import FolderStore
from consult.blobs.store import open_range
from consult.blobs.tiers import TieredStore
from consult.people.organisations import service as organisations
from consult.studies.model import Instance
from server.settings import Settings
from server.stores import make_store
from server.upkeep.cooling import Cooling
from tests.makers.clinic import open_clinic
from tests.makers.consortium import make_consortium
from tests.makers.upkeep import Cellar, make_cellar


@dataclasses.dataclass
class House:
    """A clinic with two stores."""

    cellar: Cellar
    warm: FolderStore
    cold: FolderStore

    @property
    def both(self) -> TieredStore:
        return TieredStore(self.warm, self.cold)

    async def cool(self, *, after: timedelta = timedelta(days=-1)) -> None:
        """A whole pass."""
        rules = dataclasses.replace(self.cellar.rules, cold_after=after)
        cooling = Cooling(self.cellar.world.clinic.units, self.both, rules)
        last = len(self.cellar.told("storage.passed"))
        while len(self.cellar.told("storage.passed")) == last:
            assert await cooling.go_on()

    def read(self, instance: Instance) -> bytes:
        """The plain bytes, wherever they lie."""
        clinic = self.cellar.world.clinic
        holder = clinic.system(
            organisations.get_institution, institution_id=instance.institution_id
        )
        pieces = open_range(
            self.both, clinic.vault, instance.original, institution_key=holder.wrapped_key
        )
        return b"".join(pieces)


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A clinic with a disk, and a slower one beside it."""
    warm, cold = FolderStore(tmp_path / "warm"), FolderStore(tmp_path / "cold")
    with open_clinic(sqlite_url) as clinic:
        cellar = make_cellar(make_consortium(clinic), TieredStore(warm, cold), tmp_path)
        yield House(cellar, warm, cold)


async def test_what_is_old_is_moved_and_read_as_before(house: House) -> None:
    kept = [house.cellar.keep(bytes([n]) * 100_000) for n in range(3)]
    await house.cool(after=timedelta(days=1))
    assert list(house.cold.list_keys()) == []
    await house.cool()
    assert list(house.warm.list_keys()) == []
    assert set(house.cold.list_keys()) == {each.original.key for each in kept}
    assert [house.read(each) for each in kept] == [bytes([n]) * 100_000 for n in range(3)]
    await house.cellar.read_all_back()
    assert house.cellar.told("storage.fault") == []
    assert (await house.cellar.sweep()).orphans == []
    house.both.delete(kept[0].original.key)
    assert kept[0].original.key not in house.both.list_keys()


class Died(Exception):  # noqa: N818 - the process is gone
    """The process dies here."""


@pytest.mark.parametrize("at", ["before the copy", "after the copy", "before the end"])
async def test_who_dies_in_the_middle_loses_nothing(
    house: House, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = house.cellar.keep(b"eye" * 50_000)
    key = kept.original.key

    def die(*_: object, **__: object) -> None:
        raise Died

    store, step = {
        "before the copy": (house.cold, "put"),
        "after the copy": (house.cold, "size"),
        "before the end": (house.warm, "delete"),
    }[at]
    with monkeypatch.context() as patch:
        patch.setattr(store, step, die)
        with pytest.raises(Died):
            house.both.make_cold(key)
    assert house.read(kept) == b"eye" * 50_000
    await house.cool()
    assert house.read(kept) == b"eye" * 50_000
    assert list(house.warm.list_keys()) == []


def test_a_copy_that_does_not_read_back_is_not_relied_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = house.cellar.keep(b"eye")
    put = house.cold.put
    monkeypatch.setattr(
        house.cold, "put", lambda key, pieces: put(key, [b"".join(pieces)[:-1] + b"?"])
    )
    with pytest.raises(BlobDamagedError):
        house.both.make_cold(kept.original.key)
    assert house.read(kept) == b"eye"
    assert list(house.cold.list_keys()) == []


def test_the_settings_name_one_colder_store(tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path)
    assert isinstance(make_store(plain), FolderStore)
    assert isinstance(make_store(Settings(data_dir=tmp_path, cold_dir=tmp_path / "c")), TieredStore)
    for wrong in ({"cold_url": "s3://old"}, {"cold_url": "s3://old", "cold_dir": str(tmp_path)}):
        with pytest.raises(ValidationError):
            Settings.model_validate({"data_dir": tmp_path, **wrong})
