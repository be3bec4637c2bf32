"""Flags of the commands: every setting of this installation that the command can use."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from server.i18n import N_
from server.settings import ENV_PREFIX, SettingProblem, Settings, load_settings

STORAGE: Final = (
    *("data_dir", "database_url", "key_file", "blob_url", "blob_endpoint"),
    *("cold_dir", "cold_url"),
)
SEALS: Final = (
    *("seal_file", "seal_password_file", "seal_token_module", "seal_token_label"),
    *("seal_token_key", "seal_pin_file", "seal_certificate"),
)
VIDEO: Final = (
    *("media", "media_address", "media_public_address", "media_ports", "media_processes"),
    "recording_mixer",
    *("turn_urls", "turn_secret_file"),
)
SERVING: Final = (
    *(
        "host",
        "port",
        *STORAGE,
        "redis_url",
        *SEALS,
        *("tls", "tls_cert", "tls_key", "plain_port"),
        *("path_prefix", "public_url"),
        "trusted_proxy",
        "patience_s",
        "log_format",
        "seed",
        "role",
        *("workers", "web_spare"),
    ),
    *("oidc_issuer", "oidc_client_id", "oidc_secret_file", "oidc_claim", "oidc_name"),
    "password_sign_in",
    *("dicom_host", "dicom_port", "dicom_title", "dicom_cert", "dicom_key", "dicom_ca"),
    *("mail_host", "mail_port", "mail_security", "mail_ca", "mail_user", "mail_password_file"),
    *("mail_from", "notice_origins"),
    *VIDEO,
    *("media_rooms", "media_path", "media_janus", "turn_life_s"),
)
REASONS: Final = {
    "workers-need-postgresql": N_("More than one web process needs PostgreSQL."),
    "workers-need-redis": N_("More than one web process needs Redis: set redis_url."),
    "workers-need-port": N_("Several web processes share one port: name it."),
    "blobs-unknown": N_("Name the store of images as s3://BUCKET or s3://BUCKET/PREFIX."),
    "blob-keys-missing": N_(
        "A bucket needs blob_endpoint, blob_access_key and blob_secret_key, in the file "
        "or as LIANZHEN_BLOB_…."
    ),
    "cold-twice": N_("Either cold_dir or cold_url."),
    "redis-unknown": N_("Name Redis as redis://… or rediss://…."),
    "database-unknown": N_("Name a database as sqlite:///FILE or postgresql://…."),
    "path-prefix-malformed": N_("Name the path as /lianzhen: letters, digits, . _ ~ and -."),
    "public-url-malformed": N_("Name an address as https://…, without a query."),
    "mail-from-missing": N_("A mail server needs the address that notices come from: mail_from."),
    "mail-sign-in-half": N_("mail_user needs mail_password_file, and a line with TLS."),
    "notice-origin-malformed": N_("Name each server as https://host:port, without a path."),
    "tls-half": N_("A certificate needs its key: set tls_cert and tls_key together."),
    "dicom-tls-half": N_("DICOM over TLS needs dicom_cert and dicom_key together."),
    "media-address-missing": N_("Video needs an address of this machine."),
    "media-address-malformed": N_("Name an address of this machine by its numbers."),
    "media-public-ambiguous": N_("A public address stands for one media_address alone."),
    "media-ports-malformed": N_("Name 16 ports or more between 1024 and 65535, as 42000-42999."),
    "media-ports-few": N_("Each media process needs 16 ports of its own: name more media_ports."),
    "turn-url-malformed": N_("Name a relay as turn:HOST:3478?transport=udp or turns:HOST:443."),
    "turn-half": N_("A relay needs its secret: set turn_urls and turn_secret_file together."),
    "tls-twice": N_("Either tls_cert and tls_key, or tls self-signed."),
    "data-dir-too-long": N_("The path is too long for the sockets in it; choose a shorter one."),
    "issuer-not-https": N_("Name the provider as https://…, as its own document does."),
    "oidc-client-missing": N_("The provider needs our client id."),
    "no-way-in": N_("Without passwords there must be an identity provider."),
    "seal-token-half": N_(
        "A token needs seal_token_module, seal_token_label, seal_token_key and seal_pin_file."
    ),
    "seal-twice": N_("Either seal_file, or a token."),
    "file-unreadable": N_("The file cannot be read."),
    "file-not-toml": N_("The file is not valid TOML."),
    "extra_forbidden": N_("There is no such setting."),
}
OTHER_REASON: Final = N_("This value cannot be used.")


def make_parser(verb: str, summary: str) -> argparse.ArgumentParser:
    """A parser that takes no flag by a part of its name."""
    return argparse.ArgumentParser(prog=f"lianzhen {verb}", description=summary, allow_abbrev=False)


def add_settings(parser: argparse.ArgumentParser, names: Sequence[str] = STORAGE) -> None:
    """Add `--config` and a flag for each of these settings."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML file of settings")
    for name in names:
        described = Settings.model_fields[name].description
        parser.add_argument("--" + name.replace("_", "-"), dest=name, help=described)


def read_settings(options: argparse.Namespace) -> Settings:
    """The settings that these flags, the environment and the file give."""
    flags = {
        name: value
        for name, value in vars(options).items()
        if name in Settings.model_fields and value is not None
    }
    named = os.environ.get(f"{ENV_PREFIX}CONFIG")
    config_file = options.config or (Path(named) if named else None)
    return load_settings(flags, config_file=config_file)


def reason_of(problem: SettingProblem) -> str:
    """Why a setting cannot be used."""
    return REASONS.get(problem.code, OTHER_REASON)
