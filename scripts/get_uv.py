#!/usr/bin/env python3
"""Print the path of a uv to set Broadsheet up with: the one installed, or else the pinned one, downloaded.

Needs nothing but Python's standard library, since on a fresh machine nothing else is there. The pinned uv
comes straight from PyPI's file host, where uv.lock's own links point: whoever cannot reach that host could
not fetch the dependencies either, so there is no index to choose. Proxies and certificates are taken from
the usual settings (https_proxy, SSL_CERT_FILE).
"""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

OLDEST = (0, 8)  # what an installed uv must at least be
VERSION = "0.13.9"
HOST = "https://files.pythonhosted.org/packages"
# Where each platform's wheel is and its SHA-256. Linux gets the static builds, which run on any libc.
WHEELS = {
    ("Linux", "x86_64"): (
        "fe/fe/794884de0efd3ac77a427cab21aa72c0483e100c55a42cd5cbb02c141b84",
        "musllinux_1_1_x86_64",
        "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    ),
    ("Linux", "aarch64"): (
        "57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b",
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("Darwin", "x86_64"): (
        "1e/db/08e9ef4879bd667e6d7b4705e594e5bd3e4585f10fc63cb16b9fa2fac63e",
        "macosx_10_12_x86_64",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    ("Darwin", "arm64"): (
        "f3/a7/a8d7b074798c7fb3b26b37584b8fe2e29df2ccdc24ce7902caab2a53edbf",
        "macosx_11_0_arm64",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}
TOOLS = Path(__file__).resolve().parent.parent / ".tools"
ATTEMPTS = 3


def main() -> None:
    """Print the path, or end with one sentence on what is wrong."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python is just what is to be told apart here
        sys.exit(
            f"Broadsheet needs Python 3.11 or newer, and {sys.executable} is {platform.python_version()}: "
            "name a newer one, as in 'make run PYTHON=python3.12'."
        )
    try:
        print(installed() or pinned())  # noqa: T201 - the Makefile reads it
    except OSError as error:
        sys.exit(f"Could not get uv, which sets Broadsheet up: {error}.")


def installed() -> str | None:
    """Return the uv on PATH if it works (a version manager's stand-in may not) and is new enough."""
    path = shutil.which("uv")
    if path is None:
        return None
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.match(r"uv (\d+)\.(\d+)", answer.stdout)
    return path if version and (int(version[1]), int(version[2])) >= OLDEST else None


def pinned() -> str:
    """Return the path of the pinned uv, downloading it the first time."""
    uv = TOOLS / f"uv-{VERSION}"
    if not uv.exists():
        here = (platform.system(), platform.machine())
        if here not in WHEELS:
            sys.exit(f"No uv is pinned for {' '.join(here)}: install uv, and set-up will use that.")
        directory, tag, sha256 = WHEELS[here]
        wheel = download(f"{HOST}/{directory}/uv-{VERSION}-py3-none-{tag}.whl", sha256)
        with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
            program = archive.read(f"uv-{VERSION}.data/scripts/uv")
        TOOLS.mkdir(exist_ok=True)
        unfinished = uv.with_name(f"{uv.name}.{os.getpid()}")
        unfinished.write_bytes(program)
        unfinished.chmod(0o755)
        unfinished.replace(uv)  # so that whatever has the final name is whole
    return str(uv)


def download(url: str, sha256: str) -> bytes:
    """Fetch a file, trying again when the network fails, and make sure that it is the expected one."""
    sys.stderr.write(f"Downloading uv {VERSION}, once.\n")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 - always our HOST's https
                content: bytes = response.read()
            break
        except (OSError, http.client.HTTPException) as error:
            if attempt == ATTEMPTS:
                raise OSError(f"{url} failed {ATTEMPTS} times, lastly with {error}") from error
            time.sleep(attempt)
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        sys.exit(f"{url} is not the expected file: its SHA-256 is {found} where {sha256} was pinned.")
    return content


if __name__ == "__main__":
    main()
