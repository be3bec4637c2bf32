"""Proposals name their source; where sources or words disagree, nothing is guessed."""

import pytest

from imaging.fundus.disc import Disc
from imaging.fundus.fields import field_of_codes, position_code
from imaging.fundus.laterality import propose_eye, propose_field


def eye_in(filename: str) -> str | None:
    found = propose_eye(image_laterality=None, laterality=None, filename=filename, disc=None)
    return found[0].value if found else None


def field_in(filename: str) -> str | None:
    found = propose_field(tagged=None, filename=filename, disc=None)
    return found[0].value if found else None


@pytest.mark.parametrize(
    ("filename", "eye"),
    [
        ("OD_1.jpg", "R"),
        ("wang-os-mac.JPG", "L"),
        ("IMG_0012_R.jpg", "R"),
        ("L2.png", "L"),
        ("右眼黄斑.jpg", "R"),
        ("王芳_左眼.jpg", "L"),
        ("患者1 右.jpg", "R"),
        ("folder\\left\\IMG_1.jpg", None),
        ("right eye.jpg", "R"),
        ("左右.jpg", None),
        ("R_L.jpg", None),
        ("rose.jpg", None),
        ("王右军.jpg", None),
        ("model.jpg", None),
        ("IMG_0001.jpg", None),
        ("", None),
    ],
)
def test_the_eye_in_a_file_name_is_a_whole_word(filename: str, eye: str | None) -> None:
    assert eye_in(filename) == eye


@pytest.mark.parametrize(
    ("filename", "field"),
    [
        ("od_mac.jpg", "macula_centred"),
        ("OS-disc.jpg", "disc_centred"),
        ("右眼视盘.jpg", "disc_centred"),
        ("左眼黄斑中心.jpg", "macula_centred"),
        ("ext_1.jpg", "external"),
        ("外眼.jpg", "external"),
        ("machine.jpg", None),
        ("mac_disc.jpg", None),
    ],
)
def test_the_field_in_a_file_name_is_a_whole_word(filename: str, field: str | None) -> None:
    assert field_in(filename) == field


def test_every_source_speaks_for_itself() -> None:
    found = propose_eye(
        image_laterality="R", laterality=None, filename="os.jpg", disc=Disc("right", 0.6, 9.0)
    )
    assert [(one.value, one.source) for one in found] == [
        ("R", "tag"),
        ("L", "file-name"),
        ("R", "disc"),
    ]
    assert found[0].confidence > found[1].confidence > found[2].confidence


def test_a_disc_in_the_middle_names_a_field_and_no_eye() -> None:
    disc = Disc(None, 0.05, 9.0)
    assert propose_eye(image_laterality=None, laterality=None, filename="", disc=disc) == ()
    assert propose_field(tagged=None, filename="", disc=disc)[0].value == "disc_centred"


@pytest.mark.parametrize("tag", ["B", "U", "", "right"])
def test_a_tag_that_names_no_single_eye_proposes_none(tag: str) -> None:
    assert propose_eye(image_laterality=tag, laterality=None, filename="", disc=None) == ()


def test_fields_and_their_codes_go_both_ways() -> None:
    for field in ("macula_centred", "disc_centred", "etdrs_7_inferior_nasal"):
        assert field_of_codes(position_code(field).value, None) == field
    assert field_of_codes(None, "81745001") == "external"
    assert field_of_codes(None, "5665001") is None
