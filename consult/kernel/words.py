"""What one code is called on the screen, in Chinese and in English."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages of the product."""

    zh: str
    en: str

    def said_in(self, language: str) -> str:
        """The text in this language; any language tag that begins with zh is Chinese."""
        return self.zh if language.lower().startswith("zh") else self.en
