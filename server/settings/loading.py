"""Reading the settings, and every reason why they cannot be used, at once."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from server.settings.model import Settings


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """One setting that cannot be used, and the code of the reason."""

    setting: str
    code: str


class SettingsRefusedError(Exception):
    """Some settings cannot be used; nothing was started."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        super().__init__("settings-refused")
        self.problems = tuple(problems)


def load_settings(flags: Mapping[str, Any], *, config_file: Path | None = None) -> Settings:
    """The settings of this installation; raises SettingsRefusedError with every problem at once."""
    try:
        if config_file is None:
            return Settings(**flags)
        tomllib.loads(config_file.read_text("utf-8"))
        return _with_file(config_file)(**flags)
    except ValidationError as refused:
        raise SettingsRefusedError(_problems(refused)) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsRefusedError([SettingProblem("config", "file-unreadable")]) from None
    except tomllib.TOMLDecodeError:
        raise SettingsRefusedError([SettingProblem("config", "file-not-toml")]) from None


def _with_file(config_file: Path) -> type[Settings]:
    class FileSettings(Settings):
        """Settings with one TOML file below the environment."""

        model_config = SettingsConfigDict(toml_file=config_file)

    return FileSettings


def _problems(refused: ValidationError) -> list[SettingProblem]:
    """One problem a setting; a default that only waits for another setting is none."""
    return [
        SettingProblem(".".join(str(part) for part in error["loc"][:1]), error["type"])
        for error in refused.errors(include_input=False, include_url=False)
        if error["type"] != "default_factory_not_called"
    ]
