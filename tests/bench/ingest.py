"""Activity reports: 1,000,000 rows, against `csv.reader` and a bulk insert alone."""

import json
import subprocess
import sys

from portal.environment import BASE_DIR
from tests.bench.figures import Figure


def measure():
    """In a process of its own: what it takes in memory is one of the figures."""
    command = [sys.executable, "-m", "tests.bench_ingest"]
    said = subprocess.run(
        command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, check=True
    ).stdout  # what it says of its progress comes through
    found = json.loads(said.strip().splitlines()[-1])
    return [
        Figure("read, against the plain way", found["ratio"], " ×", most=1.5),
        Figure("read and summed by month", found["ratio_concluded"], " ×"),
        Figure("memory above idle", found["memory_mib"], " MiB", most=50),
    ]
