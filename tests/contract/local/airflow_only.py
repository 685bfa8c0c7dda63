"""A supervisor of Airflow alone, run as a program: `airflow_only.py HOME REPOSITORY PORT`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from evergreen.local.airflow import airflow_services
from evergreen.local.settings import LocalSettings
from evergreen.local.supervisor import run

settings = LocalSettings(
    home=Path(sys.argv[1]), repository=Path(sys.argv[2]), airflow_port=int(sys.argv[3]), profile="demo", samples=False
)
sys.exit(run(settings, listed=lambda settings, urls: airflow_services(settings, urls, os.environ)))
