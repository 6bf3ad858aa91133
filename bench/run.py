"""Side by side with what people run today. Started by `./do bench [ROW ...] [--repeats R]`.

Every contestant of a row runs in one go, in turns, one thread each; a time is the median of
its runs with the spread (smallest to largest). Results are compared first: a wrong answer has no
time. Writes bench/results.md; rows that were not run keep what was said of them earlier.
"""
import argparse
import csv
import datetime
import json
import math
import os
import pathlib
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("UM_BUILD_DIR", ROOT / "build"))
TOLERANCE = 1e-9
ONE_THREAD = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
os.environ.update(ONE_THREAD, PYTHONWARNINGS="ignore")

import numpy as np  # after the thread counts are set
import inside
import maser
import peers


def run(*command):
    """The JSON lines a contestant prints."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}{done.stdout}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def peer(*arguments):
    return run(sys.executable, ROOT / "bench/peers.py", *arguments)


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


def relative(a, b):
    return abs(a - b) / max(1.0, abs(b))


def seconds_text(value):
    for unit, factor in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


class Times:
    def __init__(self, samples):
        self.median, self.low, self.high = statistics.median(samples), min(samples), max(samples)

    def __str__(self):
        return (f"{seconds_text(self.median)} "
                f"({seconds_text(self.low)} to {seconds_text(self.high)})")


def table(title, command, columns, rows, notes=""):
    lines = [f"`{command}`", "", "| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return title, "\n".join(lines) + (f"\n\n{notes}" if notes else "")


def compared(lines, reference, keys, target, against="qutip"):
    """Table rows: time per collision, difference of the result, speed against each contestant."""
    truth = lines[reference][0]
    base = Times([line["seconds_per_collision"] for line in lines[against]])
    rows = []
    for who, samples in lines.items():
        wrong = max(relative(line[key], truth[key]) for line in samples for key in keys)
        times = Times([line["seconds_per_collision"] for line in samples])
        if wrong > TOLERANCE:
            rows.append([who, f"wrong by {wrong:.1e}: no time", "-", "-", f"{wrong:.1e}"])
            continue
        ratio = base.median / times.median
        verdict = ""
        if who.startswith("umaser") and target:
            verdict = f" (target {target}: {'met' if ratio >= target else 'MISSED'})"
        rows.append([who, times, f"{ratio:.3g}{verdict}", len(samples), f"{wrong:.1e}"])
    return rows


COLUMNS = ["contestant", "time (spread)", "times faster than QuTiP", "runs", "difference"]


def full_state(levels):
    """bench_full_element of bench/bench.h, in numpy."""
    n = np.arange(levels)
    d, s = n[:, None] - n[None, :], n[:, None] + n[None, :]
    rho = np.exp(-0.5 * (d / 25.0) ** 2 - s / 200.0) * (-1j) ** (d % 4)
    return rho / np.trace(rho)


def full_window_energy(levels, collisions, kind="cavity"):
    kraus = peers.kraus(levels, 1.0, kind)
    rho = full_state(levels)
    for _ in range(collisions):
        rho = sum(k @ rho @ k.conj().T for k in kraus)
    return float(np.real(np.diag(rho)) @ np.arange(levels))


def collision(levels, collisions, target):
    def row(repeats, peak):
        lines = by_turns(repeats, lambda: peer("collision", levels, collisions),
                         lambda: ours("collision", "run", "cavity", levels, collisions),
                         lambda: ours("collision", "map", "cavity", levels, collisions))
        # The full window starts from another state: its answer has a reference of its own.
        full = lines["umaser-map"]
        expected = full_window_energy(levels, collisions)
        off = max(relative(line["energy"], expected) for line in full)
        for line in full:
            line["energy"] = lines["qutip"][0]["energy"] if off <= TOLERANCE else float("nan")
        rows = compared(lines, "qutip", ["energy"], target)
        rows[-1][0] = "umaser, full window"
        rows[-1][-1] = f"{off:.1e}"
        rows[-2][0] = "umaser, a run from the vacuum"
        version = lines["qutip"][0]["version"]
        bound = 12 * levels * (levels + 1) / 2 / peak["multiply_adds_per_second"]
        measured = Times([line["seconds_per_collision"] for line in full]).median
        return table(f"Collision, N = {levels}",
                     f"./do bench collision-{levels}", COLUMNS, rows,
                     f"Per collision; {collisions} resonant collisions, c = 1, q = 1/4, theta = 1; "
                     f"QuTiP {version}. The run keeps an active window and the energy of every "
                     "collision, as the contestants do; the full window is `um_map_apply` alone on "
                     "a state without a small element, compared with the same Kraus sum in numpy. "
                     f"Bound of the full window (12 multiply-adds per stored element): "
                     f"{seconds_text(bound)}, reached {100 * bound / measured:.0f} %.")
    return row


def ladder(repeats, peak):
    levels, collisions = 200, 1000
    lines = by_turns(max(3, repeats // 2), lambda: peer("ladder", levels, collisions),
                     lambda: ours("collision", "run", "ladder", levels, collisions, "ergotropy"))
    rows = compared(lines, "qutip", ["energy", "ergotropy"], 30)
    rows[-1][0] = "umaser"
    total = Times([line["seconds"] for line in lines["umaser-run"]])
    return table("Ladder, N = 200, ergotropy after each of 1000 collisions", "./do bench ladder",
                 COLUMNS, rows, f"Per collision with its ergotropy; theta = pi/4. The whole run: {total}.")


def rabi_reference(levels, g=0.5, theta=1.0, padding=60, q=0.25):
    """Energies after 1, 2, 3 collisions from the vacuum: dense matrices, a space cut far above."""
    size = levels + padding
    n = np.arange(size)
    a = np.diag(np.sqrt(n[1:]), 1)
    excite = np.array([[0, 0], [1, 0]])  # |e><g|, order g, e
    h0 = np.kron(np.diag(n), np.eye(2)) + np.kron(np.eye(size), np.diag([0, 1]))
    h = h0 + g * np.kron(a + a.T, excite + excite.T)
    tau = theta / g
    values, vectors = np.linalg.eigh(h)
    u = np.diag(np.exp(1j * np.diag(h0) * tau)) @ (vectors * np.exp(-1j * values * tau)) @ vectors.T
    s = np.sqrt(q * (1 - q))
    atom = np.array([[q, s], [s, 1 - q]])
    rho = np.zeros((size, size), complex)
    rho[0, 0] = 1
    energies = []
    for _ in range(3):
        joint = (u @ np.kron(rho, atom) @ u.conj().T).reshape(size, 2, size, 2)
        rho = np.trace(joint, axis1=1, axis2=3)
        energies.append(float(np.real(np.diag(rho)) @ n))
    return energies


def rabi(repeats, peak):
    rows = []
    for levels in (50, 100, 200):
        energies = ours("rabi", levels, "check")[0]["energies"]
        off = max(relative(a, b) for a, b in zip(energies, rabi_reference(levels)))
        lines = [ours("rabi", levels)[0] for _ in range(repeats)]
        mine, whole, products = (Times([line[who] for line in lines])
                                 for who in ("umaser", "with_atom", "zgemm"))
        if off > TOLERANCE:
            rows.append([levels, f"wrong by {off:.1e}: no time", "-", products, "-", f"{off:.1e}"])
            continue
        ratio = products.median / mine.median
        rows.append([levels, mine, whole, products,
                     f"{ratio:.2f} (target 1: {'met' if ratio >= 1 else 'MISSED'})", f"{off:.1e}"])
    return table("Rabi collision against four zgemm", "./do bench rabi",
                 ["N", "umaser", "with the outgoing atom", "four zgemm", "times faster", "difference"], rows,
                 "g/omega = 0.5, theta = 1, c = 1, a state that fills its space; all in one "
                 "process, in turns, each figure a median of 41. Compared: energies of three "
                 "collisions from the vacuum with dense matrices in numpy.")


def wigner_full(levels):
    import qutip as qt
    x = np.linspace(-12, 12, 200)
    rho = qt.Qobj(full_state(levels))
    start = time.perf_counter()
    w = qt.wigner(rho, x, x, g=np.sqrt(2), method="clenshaw")
    seconds = time.perf_counter() - start
    weights = np.cos(0.1 * np.arange(200)[:, None] + 0.3 * np.arange(200)[None, :])
    return [dict(contestant="qutip-full", seconds_per_collision=seconds, maximum=float(w.max()),
                 checksum=float((w * weights).sum()), version=qt.__version__)]


def wigner(repeats, peak):
    repeats = max(3, repeats // 2)
    lines = by_turns(repeats, lambda: peer("wigner", 200), lambda: ours("wigner", "coherent", 200))
    full = by_turns(repeats, lambda: wigner_full(200), lambda: ours("wigner", "full", 200))
    rows = compared(lines, "qutip", ["maximum"], 20)
    rows += compared(full, "qutip-full", ["maximum", "checksum"], 20, "qutip-full")
    return table("Wigner function, 200 x 200 points, N = 200", "./do bench wigner", COLUMNS, rows,
                 "A coherent state, alpha = 6 (of which umaser stores the levels that matter), and a "
                 "state that fills all levels and orders; QuTiP with its method `clenshaw`.")


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def program(*arguments):
    """Seconds on the wall, seconds of the processor, the JSON summary."""
    start, used = time.perf_counter(), processor_time()
    done = subprocess.run([str(BUILD / "umaser"), *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"umaser {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
    return seconds, processor_time() - used, json.loads(done.stdout)


def plateau(repeats, peak):
    samples, processor = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            seconds, used, summary = program("run", "examples/plateau.yaml", "-o",
                                             f"{folder}/plateau.nc", "--force", "--json", "--quiet")
            samples.append(seconds)
            processor.append(used)
    # docs/physics.md: E = 3.90225281 at 30 and 3.87807922 at 1000 collisions
    energies = dict(zip(summary["series"]["collision"], summary["series"]["energy"]))
    off = abs(energies[1000] - 3.87807922)
    times = Times(samples)
    verdict = "met" if times.median < 5 else "MISSED"
    wall = summary["wall_seconds"]
    shown = times if off < 5e-9 else f"wrong by {off:.1e}: no time"
    return table("The plateau example, a million collisions", "./do bench plateau",
                 ["what", "time (spread)", "processor time", "runs", "target"],
                 [["whole process", shown, Times(processor), len(samples), f"5 s: {verdict}"]],
                 "examples/plateau.yaml with its records, netCDF file and JSON. The program's own "
                 "clock in the last run: "
                 + ", ".join(f"{name} {seconds_text(value)}" for name, value in wall.items()) + ".")


START_UP = """battery: {levels: 64}
atoms: {q: 0.25, c: 1.0}
interaction: {theta: 1.0}
stages: [{charge: 30}]
record: {at: every}
"""


def startup(repeats, peak):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "thirty.yaml")
        config.write_text(START_UP)
        kinds = {"netCDF file and --json": [], "CSV file and --json": []}
        processor = {what: [] for what in kinds}
        for _ in range(4 * repeats + 1):
            for what, samples in kinds.items():
                suffix = "csv" if what.startswith("CSV") else "nc"
                seconds, used, summary = program("run", config, "-o", f"{folder}/thirty.{suffix}",
                                                 "--force", "--json", "--quiet")
                samples.append(seconds)
                processor[what].append(used)
        off = abs(summary["series"]["energy"][30] - 3.90225281)
        for what, samples in kinds.items():
            times = Times(samples[1:])  # the first finds the program on the disk
            verdict = "met" if times.median < 0.06 else "MISSED"
            shown = times if off < 5e-9 else f"wrong by {off:.1e}: no time"
            rows.append([what, shown, Times(processor[what][1:]), len(samples) - 1,
                         f"60 ms: {verdict}"])
    return table("A run of 30 collisions, from start to end", "./do bench startup",
                 ["what", "time (spread)", "processor time", "runs", "target"], rows,
                 "The whole process, every collision recorded with the default observables.")

KERNELS_RATE = 29.5e9  # multiply-adds per second of the machine for which the times below were set


def slower(peak):
    """How much longer this machine may take than that one."""
    return KERNELS_RATE / peak["multiply_adds_per_second"]


def judged(times, target):
    return f"{seconds_text(target)}: {'met' if times.median <= target else 'MISSED'}"


def worst(*pairs):
    """Largest relative difference of pairs (found, expected); what is missing is wrong."""
    return max(relative(a, b) if a is not None else float("inf") for a, b in pairs)


def stepped_energy(levels, collisions, theta=1.0):
    """From the vacuum, two Kraus operators in numpy."""
    kraus = peers.kraus(levels, theta, "cavity")
    rho = np.zeros((levels, levels), complex)
    rho[0, 0] = 1
    for _ in range(collisions):
        rho = sum(k @ rho @ k.conj().T for k in kraus)
    return float(np.real(np.diag(rho)) @ np.arange(levels))


def forward(levels, target):
    def row(repeats, peak):
        lines = [ours("long", "forward", levels)[0] for _ in range(repeats if levels <= 100 else 1)]
        off = max(relative(line["energies"][0], line["stepped"]) for line in lines)
        differs = max(line["difference"] for line in lines)
        times = Times([line["seconds"] for line in lines])
        line, right = lines[0], off <= TOLERANCE and differs < 1e-12
        shown = times if right else f"wrong by {max(off, differs):.1e}: no time"
        energies = ", ".join(f"{energy:.10g}" for energy in line["energies"])
        return table(f"Fast-forward to 10^12 collisions, N = {levels}", f"./do bench forward-{levels}",
                     ["time (spread)", "target", "energy after 10^6, 10^9, 10^12", "against stepping, 10^6",
                      "against another projection", "bound", "rank"],
                     [[shown, judged(times, target * slower(peak)), energies, f"{off:.1e}",
                       f"{differs:.1e}", f"{line['bound']:.1e}", line["rank"]]],
                     f"{line['records']} records of energy and purity, theta = 1, q = 1/4, c = 1, from the "
                     f"vacuum, a cavity cut at {levels} levels. The other projection starts after 7000 "
                     "collisions, from another state in another space; the difference may be 1e-12.")
    return row


def steady(levels, target):
    def row(repeats, peak):
        lines = [ours("long", "steady", levels)[0] for _ in range(repeats if levels <= 100 else 1)]
        times = Times([line["seconds"] for line in lines])
        off = max(worst((line["energy"], 3.87808), (line["chamber_energy"], 3.87301)) for line in lines)
        leak = max(abs(line["leak"] / 1.9066e-14 - 1) if line["leak"] else 1 for line in lines)
        enough = all(line["eigenvalues"] >= 10 and line["limit"] != "reached" for line in lines)
        right = off < 1e-5 and leak < 1e-4 and enough
        line = lines[0]
        return table(f"Steady analysis, N = {levels}", f"./do bench steady-{levels}",
                     ["time (spread)", "target", "plateau", "leak of the first chamber", "limit",
                      "eigenvalues"],
                     [[times if right else "wrong: no time", judged(times, target * slower(peak)),
                       line["energy"], line["leak"], line["limit"], line["eigenvalues"]]],
                     "Plateau, limit, chambers and ten leading eigenvalues, theta = 1, q = 1/4, c = 1, from "
                     f"the vacuum, a cavity cut at {levels} levels. Compared: plateau 3.87808, chamber 0..9 "
                     "3.87301 and its leak 1.9066e-14; without an exact trap no limit may be claimed.")
    return row


def steady_peer(repeats, peak):
    lines = by_turns(max(3, repeats // 2), lambda: peer("steady", 40), lambda: ours("long", "steady", 40))
    truth = stepped_energy(40, 20000)
    rows, base = [], Times([line["seconds"] for line in lines["qutip-propagator_steadystate"]])
    for who, samples in lines.items():
        times = Times([line["seconds"] for line in samples])
        off = max(worst((line["energy"], truth)) for line in samples)
        ratio = base.median / times.median
        verdict = f" (target 50: {'met' if ratio >= 50 else 'MISSED'})" if who.startswith("umaser") else ""
        rows.append([who, times, f"{ratio:.3g}{verdict}", samples[0]["energy"],
                     "right" if off < 1e-6 else f"wrong by {abs(samples[0]['energy'] - truth):.3g}"])
        if off >= 1e-6 and who.startswith("umaser"):
            rows[-1][1:3] = ["no time", "-"]
    return table("Where the battery stays, N = 40, against QuTiP", "./do bench steady-peer",
                 ["contestant", "time (spread)", "times faster", "energy", "answer"], rows,
                 f"QuTiP {lines['qutip-propagator_steadystate'][0]['version']}, propagator_steadystate of the "
                 "same Kraus operators: a fixed point, fast or not, of a map that has several to machine "
                 "precision; it is shown, with its time, although it is wrong. Truth: the energy after 20000 "
                 f"collisions from the vacuum in numpy, {truth:.8f}. Ours includes chambers, leaks, limit and "
                 "spectrum.")


def scan_theta(repeats, peak):
    def started(first):
        return subprocess.Popen([BUILD / "bench" / "bench_long", "scan", "100", str(first), "2"],
                                cwd=ROOT, text=True, stdout=subprocess.PIPE)
    samples, lines = [], []
    for _ in range(max(1, repeats // 3)):
        start = time.perf_counter()
        halves = [started(0), started(1)]
        texts = [half.communicate()[0] for half in halves]
        samples.append(time.perf_counter() - start)
        if any(half.returncode for half in halves):
            sys.exit("bench_long scan failed")
        lines = sorted((json.loads(line) for text in texts for line in text.splitlines()),
                       key=lambda line: line["theta"])
    off = max(worst((line["early_energy"], stepped_energy(100, 1000, line["theta"])))
              for line in lines[::33])
    times, right = Times(samples), off <= TOLERANCE and len(lines) == 200
    words = [line["limit"] for line in lines]
    counts = ", ".join(f"{word} {words.count(word)}" for word in sorted(set(words)))
    slowest = max(lines, key=lambda line: line["seconds"])
    return table("A scan of 200 values of g tau in [0.8, 3], N = 100, two processes", "./do bench scan-theta",
                 ["time (spread)", "target", "points", "limits", "slowest point", "energy after 1000"],
                 [[times if right else f"wrong by {off:.1e}: no time", judged(times, 30 * slower(peak)),
                   len(lines), counts,
                   f"theta = {slowest['theta']:.4f}, {seconds_text(slowest['seconds'])}", f"{off:.1e}"]],
                 "The whole steady analysis at each point, q = 1/4, c = 1, from the vacuum, the cavity cut at "
                 "100 levels. Compared: every 33rd point's energy after 1000 collisions with Kraus sums in numpy.")


def channel(repeats, peak):
    """What follows a collision, as a multiple of it; results against closed forms of the heat."""
    lines = by_turns(repeats, lambda: ours("channel", 100))
    times = {who: Times([line["seconds_per_collision"] for line in all_of]) for who, all_of in lines.items()}
    before = lines["collision"][0]["energy"]
    lost = -math.expm1(-1e-3)
    worst_case = abs(lines["loss"][0]["energy"] - before * (1 - lost)) / before
    targets = {"loss": 3, "thermal": 6}
    rows = []
    for who, time_of in times.items():
        ratio = time_of.median / times["collision"].median
        target = targets.get(who)
        verdict = f"{target}: {'met' if ratio <= target else 'MISSED'}" if target else ""
        rows.append([who, time_of, f"{ratio:.2f}", verdict])
    notes = (f"N = 100, every level and order in use, kappa T = 1e-3, thermal and random with n_th = 0.1. "
             f"Energy after loss against e^(-kappa T): {worst_case:.1e}" + ("" if worst_case < 1e-12 else ", WRONG"))
    return table("What follows a collision, N = 100", "./do bench channel",
                 ["collision and", "time (spread)", "times the collision", "target"], rows, notes)


def lanes(repeats, peak):
    targets = {("pure", 64): 0.577e-6, ("general", 64): 0.871e-6}
    rows = []
    for atoms in ("pure", "general"):
        for levels in (20, 32, 64, 100):
            lines = [ours("lanes", "full", atoms, levels, 1000)[0] for _ in range(repeats)]
            times = Times([line["seconds_per_collision"] for line in lines])
            fastest = min(line["fastest"] for line in lines)
            bound = (lines[0]["multiply_adds"] * levels * (levels + 1) / 2
                     / peak["multiply_adds_per_second"])
            off = max(line["difference"] for line in lines)
            target = targets.get((atoms, levels))
            if off > TOLERANCE:
                rows.append([atoms, levels, f"wrong by {off:.1e}: no time", "-", "-", "-", f"{off:.1e}"])
                continue
            rows.append([atoms, levels, times, f"{100 * bound / times.median:.0f} %",
                         f"{100 * bound / fastest:.0f} %",
                         judged(times, target * slower(peak)) if target else "-", f"{off:.1e}"])
    return table("Eight points at once, per collision and point", "./do bench lanes",
                 ["atoms", "N", "time (spread)", "of the peak", "best of the peak", "target",
                  "difference"], rows,
                 "States that fill all N levels and orders, c = 1 (8 multiply-adds per stored element) or "
                 "0.7 (12), truncation bound included. Peak: the multiply-adds a second that "
                 "bench_peak finds; best: the fastest sample. Compared: energies after 1000 "
                 "collisions with um_map_apply.")


SWEEP_GRID = """battery: {levels: 64}
atoms: {c: 1}
stages: [{charge: 1000}]
sweep:
  axes:
    - {key: interaction.theta, linspace: [0.8, 3, 200]}
    - {key: atoms.q, linspace: [0.3, 0.9, 200]}
  summaries: [plateau_energy, plateau_ergotropy, plateau_purity, charging_time, plateau_end, final_energy]
"""


def sweep(config, table_file):
    """Seconds on the wall, seconds of the processor."""
    start, used = time.perf_counter(), processor_time()
    done = subprocess.run([str(BUILD / "umaser"), "sweep", str(config), "-o", str(table_file), "--threads",
                           "2", "--quiet", "--force"], cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"umaser sweep: exit {done.returncode}\n{done.stderr}")
    return seconds, processor_time() - used


def grid_differences(point, line):
    """A point's numbers (found, expected)."""
    pairs = [(float(point["final_energy"]), line["last"])]
    if point["plateau_energy"]:
        pairs += [(float(point["plateau_" + name]), line[name])
                  for name in ("energy", "ergotropy", "purity")]
    return pairs


def middle(point):
    """The collision that a plateau's numbers are of; 0: there is none."""
    if not point["plateau_energy"]:
        return 0
    return round(math.sqrt(float(point["charging_time"]) * min(float(point["plateau_end"]), 1000)))


def sweep_grid(repeats, peak):
    wall, processor, loops, pairs = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        config, found = pathlib.Path(folder, "grid.yaml"), pathlib.Path(folder, "grid.csv")
        config.write_text(SWEEP_GRID)
        for turn in range(max(3, repeats)):
            seconds, used = sweep(config, found)
            wall.append(seconds)
            processor.append(used)
            with open(found, newline="") as file:
                points = list(csv.DictReader(file))
            for point in points[1237 + 977 * turn::8009]: # anywhere, other ones every time
                line, = peer("grid", 64, 1000, point["interaction.theta"], point["atoms.q"], middle(point))
                loops.append(line["seconds"])
                pairs += grid_differences(point, line)
    off, count = worst(*pairs), len(points)
    done = sum(point["status"] == "done" for point in points)
    flat = sum(point["plateau_energy"] != "" for point in points)
    right = off <= TOLERANCE and done == count == 40000
    times, own = Times(wall), Times([seconds / count for seconds in processor])
    ratio = Times(loops).median / own.median
    return table("A sweep of 200 x 200 points, N = 64, two threads", "./do bench sweep-grid",
                 ["time (spread)", "target", "processor time per point", "a point in QuTiP",
                  "times faster", "points done", "with a plateau", "difference"],
                 [[times if right else f"wrong by {off:.1e}, {done} done: no time",
                   judged(times, 60 * slower(peak)), own, Times(loops),
                   f"{ratio:.3g} (target 600: {'met' if ratio >= 600 else 'MISSED'})",
                   f"{done} of {count}", flat, f"{off:.1e}"]],
                 "theta in [0.8, 3], q in [0.3, 0.9], c = 1, 1000 collisions each: the whole process with its "
                 "journal and CSV file, processor time of both threads. QuTiP: one thread, the loop alone, at "
                 f"{len(loops)} points of the grid, in turns with the sweep. Compared there: the final energy "
                 "and, where there is a plateau, its energy, ergotropy and purity. Where there is none, "
                 "1000 collisions are too few for a decade within 2 %.")


ROWS = {"collision-50": collision(50, 1000, 300), "collision-200": collision(200, 300, 25),
        "ladder": ladder, "rabi": rabi, "wigner": wigner, "plateau": plateau, "startup": startup,
        "forward-50": forward(50, 0.03), "forward-100": forward(100, 0.15),
        "forward-200": forward(200, 1.3), "forward-400": forward(400, 10),
        "steady-100": steady(100, 0.3), "steady-400": steady(400, 12), "steady-peer": steady_peer,
        "scan-theta": scan_theta, "lanes": lanes, "channel": channel, "sweep-grid": sweep_grid, "maser": maser.row(sys.modules[__name__]),
        "inside": inside.row(sys.modules[__name__])}


def machine():
    model = "unknown processor"
    info = pathlib.Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.split(":")[1].strip() for line in info.read_text().splitlines()
                      if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}"


def main():
    parser = argparse.ArgumentParser(prog="./do bench", description=__doc__)
    parser.add_argument("rows", nargs="*", help=", ".join(ROWS))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    unknown = [row for row in options.rows if row not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    peak = ours("peak")[0]
    page = ROOT / "bench/results.md"
    sections = read_sections(page.read_text() if page.exists() else "")
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    for name in options.rows or ROWS:
        print(f"== {name}", flush=True)
        title, text = ROWS[name](options.repeats, peak)
        print(f"{title}\n\n{text}\n", flush=True)
        sections[title] = f"{today}: {text}\n"
        page.write_text(write_page(peak, sections))


def read_sections(text):
    """What stands under each title."""
    parts = re.split(r"^## (.*)\n\n", text, flags=re.M)[1:]
    return {title: body.rstrip("\n") + "\n" for title, body in zip(parts[::2], parts[1::2])}


def write_page(peak, sections):
    bytes_per = peak["read_bytes_per_second"]
    head = (f"# Measured\n\nWritten by `./do bench`; what bounds each kernel stands in README.md.\n\n"
            f"Machine: {machine()}. One core does "
            f"{peak['multiply_adds_per_second'] / 1e9:.1f} 10^9 multiply-adds a second "
            f"(bench_peak) and reads {bytes_per['16K'] / 1e9:.0f}, {bytes_per['512K'] / 1e9:.0f}, "
            f"{bytes_per['256M'] / 1e9:.0f} GB/s from 16 KB, 512 KB, 256 MB. One thread each; "
            "median (smallest to largest) of several runs, contestants in turns.\n")
    return "\n".join([head, *(f"## {title}\n\n{text}" for title, text in sections.items())])



if __name__ == "__main__":
    main()
