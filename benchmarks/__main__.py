"""Run every measurement several times, ours and the other way in turn, and print medians and ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAIRS = {
    "Load the whole-UK table of value added": ("load_ours", "load_pandas"),
    "Location quotients, 361 districts x 37 industries x 26 years": ("quotients_ours", "quotients_pandas"),
}


def measure(name: str, shared: Path) -> dict[str, float]:
    """One piece of work in a fresh process: seconds and MB added."""
    command = [sys.executable, "-m", "benchmarks.work", name, str(shared)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def median(rounds: list[dict[str, float]], key: str) -> float:
    """Middle value of one measure."""
    return statistics.median(one[key] for one in rounds)


def main() -> int:
    """Measure, print a table, keep it as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="example: python -m benchmarks --shared ../shared/data"
    )
    parser.add_argument("--shared", type=Path, default=Path("../shared/data"), help="the publishers' files")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run (default 5)")
    parser.add_argument("--out", type=Path, default=ROOT / "outputs" / "bench.json", help="where the figures are kept")
    options = parser.parse_args()
    shared = options.shared.resolve()
    if not (shared / "ons/RGVA_LAD.parquet").is_file():
        print(f"The publishers' files are not in {options.shared}. Name their folder: --shared FOLDER", file=sys.stderr)
        return 1
    kept = {"cores": os.cpu_count(), "python": platform.python_version(), "rounds": options.rounds, "work": {}}
    print(f"Medians of {options.rounds} rounds, each in a fresh process, in turn; {os.cpu_count()} cores.")
    for label, names in PAIRS.items():
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for turn in range(options.rounds):
            for name in names:
                print(f"\r{label}: round {turn + 1} of {options.rounds} ", end="", file=sys.stderr, flush=True)
                rounds[name].append(measure(name, shared))
        print(file=sys.stderr)
        ours, theirs = ({key: median(rounds[name], key) for key in ("seconds", "mb")} for name in names)
        ratio = theirs["seconds"] / ours["seconds"]
        print(f"{label}\n  ours   {ours['seconds']:8.4f} s {ours['mb']:7.0f} MB\n  pandas {theirs['seconds']:8.4f} s "
              f"{theirs['mb']:7.0f} MB\n  {ratio:.0f} times as fast")  # fmt: skip
        kept["work"][label] = {"ours": ours, "pandas": theirs, "ratio": ratio}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
