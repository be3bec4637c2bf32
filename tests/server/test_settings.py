"""How an installation is set up, and what it refuses."""

from pathlib import Path

import pytest

from consult.blobs.s3 import S3Store
from server.cli.options import SERVING, add_settings, make_parser, read_settings
from server.settings import Role, SettingProblem, Settings, SettingsRefusedError, load_settings
from server.stores import make_store
from server.supervisor.children import make_specs

PASSWORD = "b7QxVt0ZkR"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LIANZHEN_{name.upper()}", raising=False)


def from_command_line(*arguments: str) -> Settings:
    parser = make_parser("serve", "")
    add_settings(parser, SERVING)
    return read_settings(parser.parse_args(arguments))


def problems_of(**flags: object) -> set[SettingProblem]:
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings(flags)
    return set(refused.value.problems)


def test_without_any_setting_it_serves_this_machine_from_one_folder() -> None:
    settings = from_command_line()
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.data_dir == Path.cwd() / "data"
    assert settings.database_url == f"sqlite:///{settings.data_dir}/lianzhen.db"
    assert settings.key_file == settings.data_dir / "keys" / "master.key"
    assert settings.role is Role.ALL


def test_a_flag_beats_the_environment_which_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lianzhen.toml"
    file.write_text('port = 1001\nhost = "10.0.0.1"\nlog_format = "text"\n')
    monkeypatch.setenv("LIANZHEN_PORT", "1002")
    monkeypatch.setenv("LIANZHEN_HOST", "10.0.0.2")
    settings = from_command_line("--port", "1003", "--config", str(file))
    assert (settings.port, settings.host, settings.log_format) == (1003, "10.0.0.2", "text")
    monkeypatch.setenv("LIANZHEN_CONFIG", str(file))
    assert from_command_line().log_format == "text"


def test_key_and_database_follow_the_data_folder(tmp_path: Path) -> None:
    settings = from_command_line("--data-dir", str(tmp_path))
    assert settings.key_file.is_relative_to(tmp_path)
    assert str(tmp_path) in settings.database_url
    assert settings.worker_socket == tmp_path / "run" / "worker.sock"


def test_a_second_web_process_on_sqlite_is_refused_with_the_reason() -> None:
    assert problems_of(workers=2) == {SettingProblem("workers", "workers-need-postgresql")}
    postgres = "postgresql://localhost/lianzhen"
    assert problems_of(workers=2, database_url=postgres) == {
        SettingProblem("workers", "workers-need-redis")
    }
    grown = {"database_url": postgres, "redis_url": "redis://localhost"}
    assert problems_of(workers=2, port=0, **grown) == {
        SettingProblem("workers", "workers-need-port")
    }
    assert load_settings({"workers": 2, **grown}).workers == 2


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("port", "eighty"),
        ("port", 65536),
        ("host", ""),
        ("database_url", "mysql://localhost/x"),
        ("database_url", "lianzhen.db"),
        ("public_url", "consult.example"),
        ("path_prefix", "lianzhen"),
        ("path_prefix", "/a//b"),
        ("path_prefix", "/.."),
        ("path_prefix", "/联诊"),
        ("url_prefix", "/lianzhen"),
        ("trusted_proxy", "not-a-network"),
        ("trusted_proxy", "10.0.0.1/8"),
        ("log_format", "xml"),
        ("role", "video"),
        ("workers", 0),
        ("redis_url", "localhost:6379"),
        ("blob_url", "bucket"),
        ("blob_url", "s3://UP"),
        ("blob_url", "s3://bucket/../else"),
        ("blob_endpoint", "ftp://store"),
        ("blob_endpoint", "http://store/path"),
        ("data_dir", "/" + "long" * 30),
        ("tls", "yes"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(setting: str, value: object) -> None:
    assert {problem.setting for problem in problems_of(**{setting: value})} == {setting}


def test_every_problem_is_told_at_once() -> None:
    named = {problem.setting for problem in problems_of(port="x", data_dir="/" + "y" * 120)}
    assert named == {"port", "data_dir"}


@pytest.mark.parametrize("flag", ["--tl", "--por", "--worker"])
def test_what_is_not_built_is_not_accepted(flag: str) -> None:
    with pytest.raises(SystemExit) as ended:
        from_command_line(flag, "x")
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"prot = 1", SettingProblem("prot", "extra_forbidden")),
        (b"port =", SettingProblem("config", "file-not-toml")),
        (b"\xff\xfe", SettingProblem("config", "file-unreadable")),
    ],
)
def test_a_file_with_nonsense_is_refused(
    tmp_path: Path, content: bytes, problem: SettingProblem
) -> None:
    file = tmp_path / "lianzhen.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings({}, config_file=file)
    assert problem in refused.value.problems


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefusedError):
        load_settings({}, config_file=tmp_path / "missing.toml")


def test_a_child_reads_the_same_settings_from_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = from_command_line(
        *("--data-dir", str(tmp_path), "--port", "0", "--trusted-proxy", "10.0.0.0/8,::1/128"),
        *("--database-url", f"postgresql://u:{PASSWORD}@localhost/x"),
    )
    for name, value in given.as_environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings({}) == given


def test_the_jail_is_told_no_password_and_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANZHEN_DATABASE_URL", f"postgresql://u:{PASSWORD}@localhost/x")
    settings = from_command_line("--data-dir", str(tmp_path))
    worker, web, typesetter, media = make_specs(settings, locks=(7,))
    assert (worker.name, web.name) == ("worker", "web")
    assert worker.environment is not None
    assert web.environment is not None
    assert typesetter.environment == worker.environment
    assert not any(PASSWORD in text for text in (*worker.environment.values(), *worker.argv))
    assert not any(PASSWORD in text for text in typesetter.argv)
    assert not any(PASSWORD in text for text in (media.environment or {}).values())
    assert PASSWORD in web.environment["LIANZHEN_DATABASE_URL"]
    assert not any(PASSWORD in text for text in web.argv)
    assert (worker.pass_descriptors, web.pass_descriptors) == ((), (7,))


def test_each_of_several_web_processes_is_a_child_of_its_own() -> None:
    several = load_settings(
        {"workers": 3, "database_url": "postgresql://x/y", "redis_url": "redis://x"}
    )
    names = [spec.name for spec in make_specs(several, locks=())]
    assert names == ["worker", "web-1", "web-2", "web-3", "typesetter", "media"]


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("all", ["worker", "web", "typesetter", "media"]),
        ("web", ["web"]),
        ("worker", ["worker", "typesetter"]),
    ],
)
def test_a_role_starts_only_its_own_processes(role: str, names: list[str]) -> None:
    specs = make_specs(from_command_line("--role", role), locks=())
    assert [spec.name for spec in specs] == names


def test_the_settings_do_not_print_a_password() -> None:
    settings = load_settings(
        {
            "database_url": f"postgresql://u:{PASSWORD}@localhost/x",
            "redis_url": f"redis://:{PASSWORD}@localhost",
            "blob_secret_key": PASSWORD,
        }
    )
    assert PASSWORD not in repr(settings)


def test_a_bucket_without_its_keys_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = {"blob_url": "s3://clinic/images", "blob_endpoint": "https://store.hospital"}
    missing = {SettingProblem("blob_secret_key", "blob-keys-missing")}
    assert problems_of(**bucket) == missing
    assert problems_of(blob_url=bucket["blob_url"], blob_secret_key=PASSWORD) == missing
    assert problems_of(**bucket, blob_access_key="clinic") == missing
    file = tmp_path / "lianzhen.toml"
    file.write_text(f'blob_access_key = "clinic"\nblob_secret_key = "{PASSWORD}"\n')
    assert load_settings(bucket, config_file=file).blob_secret_key == PASSWORD
    monkeypatch.setenv("LIANZHEN_BLOB_ACCESS_KEY", "clinic")
    monkeypatch.setenv("LIANZHEN_BLOB_SECRET_KEY", PASSWORD)
    found = make_store(load_settings(bucket))
    assert isinstance(found, S3Store)
    assert PASSWORD not in repr(found)


def test_the_jail_is_told_no_key_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIANZHEN_BLOB_SECRET_KEY", PASSWORD)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of somebody else")
    worker, web, *_ = make_specs(from_command_line("--data-dir", str(tmp_path)), locks=())
    assert worker.environment is not None
    assert web.environment is not None
    assert PASSWORD not in worker.environment.values()
    assert PASSWORD in web.environment.values()
    assert not any(name.startswith("AWS_") for name in (*worker.environment, *web.environment))


def test_tls_needs_both_files_or_neither_and_one_way_alone(tmp_path: Path) -> None:
    files = {"tls_cert": str(tmp_path / "a.pem"), "tls_key": str(tmp_path / "a.key")}
    assert load_settings(files).tls == "off"
    assert problems_of(tls_cert=files["tls_cert"]) == {SettingProblem("tls_key", "tls-half")}
    assert problems_of(tls_key=files["tls_key"]) == {SettingProblem("tls_key", "tls-half")}
    assert problems_of(tls="self-signed", **files) == {SettingProblem("tls_key", "tls-twice")}
