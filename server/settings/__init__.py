"""What an installation may choose: flag, then LIANZHEN_* variable, then TOML file, then default."""

from server.settings.loading import SettingProblem, SettingsRefusedError, load_settings
from server.settings.model import ENV_PREFIX, Role, Settings

__all__ = [
    "ENV_PREFIX",
    "Role",
    "SettingProblem",
    "Settings",
    "SettingsRefusedError",
    "load_settings",
]
