"""Running the two sides of a comparison in turns, and what each run cost."""

import gzip
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Run:
    cpu: float  # seconds, user and system, of the process and the children it waited for
    wall: float  # seconds
    peak: float  # MB of resident memory, of the largest process
    output: str


def run(command, **options):
    """Runs a command to its end. A failure ends the benchmark."""
    started = perf_counter()
    # The parent stays small, because a child's peak begins with its parent's memory.
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    output, errors = drain(child)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - started
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}\n{errors}")
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024, output)


def drain(child):
    """Reads both pipes to their ends without waiting for the process, whose usage only `wait4` tells."""
    from threading import Thread

    errors = []
    reader = Thread(target=lambda: errors.append(child.stderr.read()))
    reader.start()
    output = child.stdout.read()
    reader.join()
    return output, errors[0]


def in_turns(rounds, sides):
    """A B, B A, A B, ...: what drifts on the machine meets both sides alike. Returns the runs of each side."""
    names = list(sides)
    runs = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            runs[name].append(sides[name]())
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return runs


def report(runs, parts):
    """One line a side and part: median and spread; then the ratios of the medians, each other side to the first."""
    width = max(map(len, runs))
    for part, unit in parts:
        print(f"\n{part}, {unit}: median (least to most)")
        medians = []
        for name, side in runs.items():
            values = sorted(getattr(run, part) for run in side)
            medians.append(statistics.median(values))
            print(f"  {name:<{width}}  {medians[-1]:9.3f}  ({values[0]:.3f} to {values[-1]:.3f})")
        for name, median in zip(list(runs)[1:], medians[1:]):
            if medians[0] > 0:
                print(f"  {'ratio' if len(medians) == 2 else 'ratio of ' + name:<{width}}  {median / medians[0]:9.2f}")


def default_binary():
    cache = os.environ.get("SR360_CACHE") or Path(
        os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "smartretail360"
    )
    target = os.environ.get("CARGO_TARGET_DIR") or Path(cache, "target")
    return Path(target, "release", "smartretail360")


def online_retail(folder, given):
    """The file as plain CSV in `folder`."""
    shared = os.environ.get("SR360_SHARED_DATA", ROOT.parent / "shared" / "data")
    source = Path(given) if given else Path(shared, "online_retail", "online_retail.csv.gz")
    if not source.exists():
        sys.exit(f"{source} is not there: name the UCI Online Retail file with --file")
    target = Path(folder, "online_retail.csv")
    opened = gzip.open(source) if source.suffix == ".gz" else open(source, "rb")
    with opened as packed, open(target, "wb") as plain:
        shutil.copyfileobj(packed, plain)
    return target


def options(parser):
    parser.add_argument("--file", help="the UCI Online Retail file, CSV or CSV in gzip")
    parser.add_argument("--binary", default=default_binary(), help="smartretail360")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--duckdb-only", action="store_true", help="leave our side out")
    return parser
