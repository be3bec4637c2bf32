"""Whether a name in a DICOM header may be the patient in the banner."""

import pytest

from consult.cases.images.names import names_agree


@pytest.mark.parametrize(
    ("person_name", "patient_name"),
    [
        ("", "张桂英"),
        ("^^^^", "张桂英"),
        ("张桂英", "张桂英"),
        ("张^桂英", "张桂英"),
        ("Zhang^GuiYing=张^桂英", "张桂英"),
        ("ZHANG GUIYING", "张桂英"),
        ("Guiying^Zhang", "张桂英"),
        ("Wang^XiaoDong=王^小东=", "王小东"),
        ("Smith^John", "John Smith"),
    ],
)
def test_the_same_person_is_known_in_every_spelling(person_name: str, patient_name: str) -> None:
    assert names_agree(person_name, patient_name=patient_name)


@pytest.mark.parametrize(
    ("person_name", "patient_name"),
    [
        ("CompressedSamples^MR1", "张桂英"),
        ("王秀英", "张桂英"),
        ("Wang^XiuYing=王^秀英", "张桂英"),
        ("Zhang", "张桂英"),
        ("John^Smith", "Jane Smith"),
    ],
)
def test_another_person_is_asked_about(person_name: str, patient_name: str) -> None:
    assert not names_agree(person_name, patient_name=patient_name)
