"""What all rows share: starting contestants in turns, times and ratios with their spread, tables."""
import collections
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("UM_BUILD_DIR", ROOT / "build"))
TOLERANCE = 1e-9
KERNELS_RATE = 29.5e9  # multiply-adds per second of the machine for which the targets were set

os.environ.update({name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")},
                  PYTHONWARNINGS="ignore")

# What `./do bench NAME` measures: measure(Settings) gives the text under `title`.
Row = collections.namedtuple("Row", "title measure")
# repeats: how many turns a cheap row takes; peak: what bench_peak found just now; figures: a folder.
Settings = collections.namedtuple("Settings", "repeats peak figures")


class Failed(Exception):
    """A contestant that did not get to its end."""


def run(*command):
    """The JSON lines a contestant prints."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}{done.stdout}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def peer(*arguments):
    return run(sys.executable, ROOT / "bench/peers.py", *arguments)


def other_peer(*arguments):
    return run(sys.executable, ROOT / "bench/other_peers.py", *arguments)


def ours(name, *arguments):
    return run(BUILD / "bench" / f"bench_{name}", *arguments)


def by_turns(repeats, *contestants):
    """{contestant: [its lines]}, everyone once, then everyone again."""
    lines = {}
    for _ in range(repeats):
        for contestant in contestants:
            for line in contestant():
                lines.setdefault(line["contestant"], []).append(line)
    return lines


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def program(*arguments):
    """`umaser ...`: seconds on the wall, seconds of the processor, what it printed."""
    start, used = time.perf_counter(), processor_time()
    done = subprocess.run([str(BUILD / "umaser"), *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise Failed(f"umaser {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
    return seconds, processor_time() - used, done.stdout


def relative(a, b):
    return abs(a - b) / max(1.0, abs(b))


def worst(*pairs):
    """Largest relative difference of pairs (found, expected); what is missing is wrong."""
    return max(relative(a, b) if a is not None else float("inf") for a, b in pairs)


def seconds_text(value):
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def plain_number(value):
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"


class Times:
    """Median and spread of samples."""
    show = staticmethod(seconds_text)

    def __init__(self, samples):
        self.samples = list(samples)
        self.median, self.low, self.high = statistics.median(samples), min(samples), max(samples)

    def __str__(self):
        if len(self.samples) == 1:
            return self.show(self.median)
        return f"{self.show(self.median)} ({self.show(self.low)} to {self.show(self.high)})"


class Ratio(Times):
    """How many times longer `theirs` took than `mine`, turn by turn."""
    show = staticmethod(plain_number)

    def __init__(self, theirs, mine):
        super().__init__([a / b for a, b in zip(theirs.samples, mine.samples)])


def wrong(off):
    return f"wrong by {off:.1e}: no time"


def slower(peak):
    """How much longer this machine may take than the one the targets were set for."""
    return KERNELS_RATE / peak["multiply_adds_per_second"]


def at_most(times, target):
    return f"{seconds_text(target)}: {'met' if times.median <= target else 'MISSED'}"


def at_least(ratio, target):
    return f"{target:g}: {'met' if ratio.median >= target else 'MISSED'}"


def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def section(headline, *parts):
    """The text of a row: what it comes to in one line, tables, notes."""
    return "\n\n".join([f"**{headline}**", *(part for part in parts if part)])


COLUMNS = ["contestant", "time (spread)", "times faster than QuTiP (spread)", "target", "runs", "difference"]


def compared(lines, truth, keys, target, against="qutip", names=None):
    """Table rows of all contestants, {contestant: ratio} of those that are right.

    truth: the line whose keys all others must have to TOLERANCE."""
    times = {who: Times([line["seconds_per_collision"] for line in samples]) for who, samples in lines.items()}
    rows, ratios = [], {}
    for who, samples in lines.items():
        off = max(relative(line[key], truth[key]) for line in samples for key in keys)
        name = (names or {}).get(who, who)
        if off > TOLERANCE:
            rows.append([name, wrong(off), "-", "-", len(samples), f"{off:.1e}"])
            continue
        ratios[who] = Ratio(times[against], times[who])
        judged = at_least(ratios[who], target) if target and who.startswith("umaser") else ""
        rows.append([name, times[who], ratios[who], judged, len(samples), f"{off:.1e}"])
    return rows, ratios
