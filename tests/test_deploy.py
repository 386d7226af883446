"""What ships to run the bot with is consistent with the bot: files, settings, the service, the image."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from tests.build import ROOT

NAMES = {name.upper() for name in Settings.model_fields}
ANALYZE = shutil.which("systemd-analyze")
OURS = {"bot", "digests", "storage"}
OTHERS = {"PATH", "PYTHONUNBUFFERED", "SEEDS_FOLDER"}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def stages() -> list[list[str]]:
    """Return the Dockerfile's instructions, by stage."""
    lines = re.sub(r"\\\n", " ", read("Dockerfile")).splitlines()
    found: list[list[str]] = []
    for line in lines:
        if line.startswith("FROM "):
            found.append([])
        if found and line and not line.startswith("#"):
            found[-1].append(line)
    return found


def test_every_setting_in_the_image_and_in_compose_exists() -> None:
    final = stages()[-1]
    set_in_image = set(
        re.findall(r"\b([A-Z][A-Z_]+)=", " ".join(line for line in final if line.startswith("ENV")))
    )
    (service,) = yaml.safe_load(read("compose.yaml"))["services"].values()
    assert set_in_image - OTHERS <= NAMES
    assert set(service["environment"]) <= NAMES


def test_the_image_is_slim_in_two_stages_without_root_and_checks_its_health() -> None:
    build, final = stages()
    assert [stage[0].split()[1] for stage in (build, final)] == ["${BASE}", "${BASE}"]
    assert re.search(r"^ARG BASE=python:3\.\d+-slim$", read("Dockerfile"), re.MULTILINE)
    assert "uv sync --frozen" in " ".join(build)
    # uv by version and hash: the script that the Makefile gets it with has both.
    assert any("get_uv.py" in line for line in build if line.startswith("RUN"))
    assert not [line for line in build if "pip install" in line]
    (user,) = (line for line in final if line.startswith("USER"))
    assert not re.search(r"\b0\b|root", user)
    assert any(line.startswith("HEALTHCHECK") and "/readyz" in line for line in final)
    assert "VOLUME /data" in final
    assert any(line.startswith("LABEL org.opencontainers.image.title=") for line in final)
    # A home that useradd makes begins with the dotfiles of /etc/skel.
    assert any("--no-create-home" in line for line in final)
    assert not [line for line in final if "pip" in line or "apt" in line]


def test_what_the_image_copies_is_there_and_reaches_the_engine() -> None:
    ignored = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
    for line in stages()[0]:
        for source in line.split()[1:-1] if line.startswith("COPY") else ():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored
    assert ignored[0] == "*"
    assert not any(fnmatch(".env", pattern.removeprefix("!")) for pattern in ignored[1:])


def test_compose_keeps_the_data_and_names_only_volumes_that_there_are() -> None:
    document = yaml.safe_load(read("compose.yaml"))
    (service,) = document["services"].values()
    volumes = dict(entry.split(":")[:2] for entry in service["volumes"] if entry[0] not in ".$")
    assert volumes == {"data": "/data"}
    assert set(document["volumes"]) == set(volumes)
    assert service["environment"]["DATABASE_PATH"].startswith("/data/")
    assert service["read_only"]
    assert service["mem_limit"]
    assert service["pids_limit"]


def test_the_workflow_starts_what_ships_and_what_is_pinned_is_kept_current() -> None:
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    steps = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert "build --wheel" in steps["wheel"]
    assert "broadsheet --version" in steps["wheel"]
    assert "docker build" in steps["image"]
    assert "--read-only" in steps["image"]
    updates = yaml.safe_load(read(".github/dependabot.yml"))["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"github-actions", "docker", "uv"}


@pytest.mark.parametrize("package", ["bot", "digests", "storage"])
def test_the_packages_say_that_they_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_what_the_code_imports_is_declared() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]
    names = {re.split(r"[^\w.-]", each)[0].lower() for each in declared}
    names.add("pydantic-core")  # the other half of pydantic, which pins it
    known = metadata.packages_distributions()
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            for module in imported(ast.parse(path.read_text("utf-8"))) - OURS - sys.stdlib_module_names:
                assert {name.lower().replace("_", "-") for name in known[module]} & names, (path, module)


def imported(tree: ast.Module) -> set[str]:
    """Return the top-level names of the modules that a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.skipif(ANALYZE is None, reason="systemd isn't here")
def test_systemd_finds_no_fault_with_the_service(tmp_path: Path) -> None:
    unit = tmp_path / "broadsheet.service"
    unit.write_text(
        read("deploy/broadsheet.service").replace("/usr/local/bin/broadsheet", sys.executable), "utf-8"
    )
    checked = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
