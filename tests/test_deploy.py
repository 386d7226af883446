"""What ships to run the bot with is consistent with the bot: files, settings, the service, the image."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import fields
from fnmatch import fnmatch
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.exits import CONFIGURATION, FAULT, LATER
from bot.monitoring.health import STUCK_SECONDS
from bot.settings import Settings
from tests.build import ROOT

NAMES = {each.name.upper() for each in fields(Settings)}
PROMTOOL = shutil.which("promtool")
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
    for each in (service, *ours_of_cluster().values()):
        assert set(each["environment"]) <= NAMES


def ours_of_cluster() -> dict[str, dict[str, Any]]:
    """Return the services of several processes that run Broadsheet."""
    services = yaml.safe_load(read("deploy/compose.cluster.yaml"))["services"]
    return {name: service for name, service in services.items() if name != "postgres"}


def test_a_cluster_has_a_collector_a_spare_and_a_database_that_is_kept_and_waited_for() -> None:
    document = yaml.safe_load(read("deploy/compose.cluster.yaml"))
    ours, postgres = ours_of_cluster(), document["services"]["postgres"]
    assert set(ours) == {"collect", "worker"}
    assert ours["collect"]["command"] == ["run", "--collector"]
    assert "deploy" not in ours["collect"]
    groups = {int(each["environment"]["SHARD_GROUPS"]) for each in ours.values()}
    assert groups == {ours["worker"]["deploy"]["replicas"] - 1}
    for each in ours.values():
        assert each["environment"]["COLLECT"] == "off"
        assert each["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert each["stop_grace_period"] == "60s"
        assert each["read_only"]
        assert (ROOT / "deploy" / each["build"] / "Dockerfile").exists()
    assert [each.split(":")[0] for each in postgres["volumes"]] == list(document["volumes"])
    assert "pg_isready" in postgres["healthcheck"]["test"]
    assert all("--extra postgres" in line for line in stages()[0] if "uv sync" in line)


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
    (check,) = (line for line in final if line.startswith("HEALTHCHECK"))
    assert check.endswith('CMD ["broadsheet", "health"]')  # on whatever port is set
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
    declared = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
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


SERVICES = ("broadsheet.service", "broadsheet@.service", "broadsheet-collect.service")


@pytest.mark.skipif(ANALYZE is None, reason="systemd isn't here")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_finds_no_fault_with_the_service(tmp_path: Path, name: str) -> None:
    unit = tmp_path / name
    unit.write_text(read(f"deploy/{name}").replace("/usr/local/bin/broadsheet", sys.executable), "utf-8")
    checked = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def unit_of(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(read(f"deploy/{name}"))
    return unit


@pytest.mark.parametrize("name", SERVICES)
def test_the_service_is_not_started_again_where_somebody_must_change_something_first(name: str) -> None:
    service = unit_of(name)["Service"]
    assert service["RestartPreventExitStatus"] == str(CONFIGURATION)
    assert service["Restart"] == "on-failure"  # so also with 75
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert float(service["WatchdogSec"]) > 2 * STUCK_SECONDS
    assert "AF_UNIX" in service["RestrictAddressFamilies"]


@pytest.mark.parametrize("name", SERVICES[1:])
def test_of_several_services_none_is_given_up_in_an_outage_and_each_can_finish(name: str) -> None:
    unit, alone = unit_of(name), unit_of(SERVICES[0])
    starts = int(unit["Unit"]["StartLimitIntervalSec"]) / int(unit["Service"]["RestartSec"])
    assert starts < int(unit["Unit"]["StartLimitBurst"])
    assert set(alone["Service"]) | {"Environment"} == set(unit["Service"])
    assert unit["Service"]["ExecStart"].startswith(alone["Service"]["ExecStart"])
    setting, _, _ = unit["Service"]["Environment"].partition("=")
    assert setting in NAMES


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(read("deploy/alerts.yml"))["groups"]
    return list(group["rules"])


def anchors(text: str) -> set[str]:
    """Return what links to a document's headings end with."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_alert_links_to_its_paragraph_of_the_operators_guide() -> None:
    there = anchors(read("docs/operating.md"))
    linked = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules()}
    assert linked == {name: f"docs/operating.md#{name.lower()}" for name in linked}
    assert {name.lower() for name in linked} == {
        anchor for anchor in there if anchor.startswith("broadsheet")
    }


def test_of_every_alert_is_tested_when_it_fires() -> None:
    cases = [
        (part["alertname"], bool(part.get("exp_alerts")))
        for test in yaml.safe_load(read("tests/alerts.yml"))["tests"]
        for part in test["alert_rule_test"]
    ]
    assert {name for name, fires in cases if fires} == {rule["alert"] for rule in rules()}


@pytest.mark.skipif(PROMTOOL is None, reason="promtool isn't here: apt-get install prometheus")
def test_alerts_fire_when_they_should_and_only_then() -> None:
    checked = subprocess.run(
        [str(PROMTOOL), "test", "rules", "tests/alerts.yml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_exit_code_of_run_has_its_paragraph_in_the_operators_guide() -> None:
    assert {f"exit-code-{code}" for code in (FAULT, LATER, CONFIGURATION)} <= anchors(
        read("docs/operating.md")
    )
