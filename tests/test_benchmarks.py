"""`python -m benchmarks` runs, prints a table and writes JSON. How fast anything is, is not for tests to say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(not (ROOT / "benchmarks").is_dir(), reason="benchmarks/ is not beside the tests")
def test_prints_a_table_and_writes_json(tmp_path: Path) -> None:
    file, chart = tmp_path / "times.json", tmp_path / "chart.png"
    # `python -m benchmarks`, but with the seqaug that the tests use: the folder above comes last on the path.
    run = f"import runpy, sys; sys.path.append({str(ROOT)!r}); runpy.run_module('benchmarks', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-P", "-c", run, "--quick", "--only", "flip", "--json", str(file), "--chart", str(chart)],
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    heading = next(i for i, line in enumerate(lines) if line.startswith("job ") and "ratio" in line)
    assert set(lines[heading + 1]) == {"-", " "}
    assert lines[heading + 2].startswith("flip left-right")

    assert chart.read_bytes().startswith(b"\x89PNG")
    report = json.loads(file.read_text(encoding="utf-8"))
    assert {"CPU", "kernels", "Python", "seqaug", "numpy"} <= report["setup"].keys()
    peers = {row["peer"] for row in report["rows"]}
    assert {"NumPy", "NumPy, out", "plain copy"} <= peers
    assert ("OpenCV" in peers) == (not report["skipped"])
    for row in report["rows"]:
        assert len(row["ours_seconds"]["wall"]) == len(row["peer_seconds"]["cpu"]) == report["rounds"]
        assert row["ratio"]["low"] <= row["ratio"]["median"] <= row["ratio"]["high"]
