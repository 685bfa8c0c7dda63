from __future__ import annotations

import re
from pathlib import Path

from evergreen.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


def test_a_command_run_by_hand_in_a_container_finds_what_the_image_holds(monkeypatch):
    dockerfile = (ROOT / "Dockerfile").read_text()
    workdir, project = re.findall(r"^WORKDIR (\S+)", dockerfile, re.MULTILINE)[-1], "/opt/evergreen/project"
    assert f"include {project}/include\n" in dockerfile
    for name, value in re.findall(r"\b(EVERGREEN_\w+)=(\S+)", dockerfile):
        monkeypatch.setenv(name, value)
    assert Path(workdir) / Settings().use_cases == Path(project) / "include/use_cases"
    assert Path(workdir) / Settings().home == Path("/var/lib/evergreen")
