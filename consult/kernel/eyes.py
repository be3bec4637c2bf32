"""The two eyes, and whether an eye is there and sees."""

import enum


class Eye(enum.StrEnum):
    """One eye of the patient; on paper 右眼 (OD) and 左眼 (OS)."""

    RIGHT = "right"
    LEFT = "left"

    @property
    def other(self) -> "Eye":
        """The fellow eye."""
        return Eye.LEFT if self is Eye.RIGHT else Eye.RIGHT

    @property
    def laterality(self) -> str:
        """The value of Image Laterality (0020,0062), PS3.3 C.8.17.1."""
        return "R" if self is Eye.RIGHT else "L"


class EyeStatus(enum.StrEnum):
    """Whether the eye is there and sees; kept apart from the quality of its photographs."""

    PRESENT = "present"
    ABSENT = "absent"
    NLP = "nlp"
