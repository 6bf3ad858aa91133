"""Rows about whole runs and sweeps: what a user starts and waits for."""
import csv
import json
import math
import pathlib
import signal
import subprocess
import tempfile
import time

import figures
import maser
import measure
import references
from measure import Ratio, Row, Times, at_least, at_most, other_peer, peer, program, relative, section, seconds_text, worst


def plateau(settings):
    samples, processor = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(max(1, settings.repeats // 2)):
            seconds, used, text = program("run", "examples/plateau.yaml", "-o",
                                          f"{folder}/plateau.nc", "--force", "--json", "--quiet")
            samples.append(seconds)
            processor.append(used)
    summary = json.loads(text)
    energies = dict(zip(summary["series"]["collision"], summary["series"]["energy"]))
    off = relative(energies[1000], references.kraus_energy(150, 1000))
    if off > measure.TOLERANCE:
        return section(measure.wrong(off))
    times, wall = Times(samples), summary["wall_seconds"]
    return section(
        f"{times} for the whole process",
        measure.table(["what", "time (spread)", "processor time", "runs", "target", "difference"],
                      [["whole process", times, Times(processor), len(samples), at_most(times, 5), f"{off:.1e}"]]),
        "examples/plateau.yaml with its records, netCDF file and JSON. The program's own clock in the last run: "
        + ", ".join(f"{name} {seconds_text(value)}" for name, value in wall.items())
        + ". Compared: the energy after 1000 collisions with Kraus sums in numpy.")


START_UP = """battery: {levels: 64}
atoms: {q: 0.25, c: 1.0}
interaction: {theta: 1.0}
stages: [{charge: 30}]
record: {at: every}
"""


def startup(settings):
    rows, said, truth = [], [], references.kraus_energy(64, 30)
    kinds = {"CSV file and --json": ("csv", 0.020, []), "netCDF file and --json": ("nc", 0.040, [])}
    processor = {what: [] for what in kinds}
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "thirty.yaml")
        config.write_text(START_UP)
        for _ in range(8 * settings.repeats + 1):
            for what, (suffix, _, samples) in kinds.items():
                seconds, used, text = program("run", config, "-o", f"{folder}/thirty.{suffix}", "--force", "--json",
                                              "--quiet")
                samples.append(seconds)
                processor[what].append(used)
    off = relative(json.loads(text)["series"]["energy"][30], truth)
    if off > measure.TOLERANCE:
        return section(measure.wrong(off))
    for what, (_, target, samples) in kinds.items():
        times = Times(samples[1:])  # the first finds the program on the disk
        said.append(f"{seconds_text(times.median)} ({what.split()[0]})")
        rows.append([what, times, Times(processor[what][1:]), len(samples) - 1, at_most(times, target), f"{off:.1e}"])
    return section(
        ", ".join(said),
        measure.table(["what", "time (spread)", "processor time", "runs", "target", "difference"], rows),
        "The whole process as its parent sees it, every collision recorded with the default observables. Compared: the "
        "last energy with Kraus sums in numpy.")


CAVITY = """battery: {{levels: {levels}}}
atoms: {{q: 0.25, c: {c}}}
interaction: {{theta: 1}}
stages: {stages}
record: {{at: log, per_decade: {per_decade}}}
accuracy: {{truncation: 1, method: {method}}}
"""


def cavity_run(folder, levels, c, collisions, method="auto", records=200, split=0):
    """Seconds of the process, the last energy. split: collisions that are a stage of their own."""
    config = pathlib.Path(folder, "cavity.yaml")
    per_decade = max(1, round(records / math.log10(collisions)))
    stages = [f"charge: {split}", f"charge: {collisions - split}"] if split else [f"charge: {collisions}"]
    config.write_text(CAVITY.format(levels=levels, c=c, stages=f"[{', '.join(stages)}]", per_decade=per_decade,
                                    method=method))
    seconds, _, text = program("run", config, "-o", f"{folder}/cavity.csv", "--force", "--json", "--quiet")
    return seconds, json.loads(text)["series"]["energy"][-1]


COHERENCES, SIZES, LENGTHS = (1, 0.9, 0.5, 0), (40, 120), (10**3, 10**6, 10**12)


def cavity_cell(folder, levels, c, collisions, settings):
    """Times, and how far the last energy is from numpy's (10^3), from stepping every collision (10^6), or from
    another projection, which starts after 7000 collisions (10^12)."""
    runs = [cavity_run(folder, levels, c, collisions) for _ in range(max(1, settings.repeats // 2))]
    if collisions == LENGTHS[0]:
        truth = references.stepped_energy(levels, collisions, c=c)
    elif collisions == LENGTHS[1]:
        truth = cavity_run(folder, levels, c, collisions, method="step", records=2)[1]
    else:
        truth = cavity_run(folder, levels, c, collisions, records=2, split=7000)[1]
    return Times([seconds for seconds, _ in runs]), worst(*((energy, truth) for _, energy in runs))


def cavity(settings):
    rows, longest = [], []
    with tempfile.TemporaryDirectory() as folder:
        for levels in SIZES:
            for c in COHERENCES:
                cells, offs = [], []
                for collisions in LENGTHS:
                    times, off = cavity_cell(folder, levels, c, collisions, settings)
                    cells.append(times if off <= measure.TOLERANCE else measure.wrong(off))
                    offs.append(off)
                longest.append(times.median)
                rows.append([levels, c, *cells, f"{max(offs):.1e}"])
    return section(
        f"10^12 collisions in {seconds_text(min(longest))} to {seconds_text(max(longest))}",
        measure.table(["N", "c", "10^3 collisions (spread)", "10^6", "10^12", "difference"], rows),
        "theta = 1, q = 1/4, a cavity cut at N, from the vacuum, 200 records with all default observables (energy, "
        "ergotropy, purity, ...): the whole process with its CSV file and JSON. Compared: the energy after 10^3 collisions with "
        "matrices in numpy, after 10^6 with stepping each of them, after 10^12 with a run in two stages, whose second "
        "projection starts after 7000 collisions. What QuTiP's loop takes for one collision stands at `collision-50` and `collision-200`.")


RABI = """battery: {{levels: auto}}
atoms: {{q: 0.25, c: 1}}
interaction: {{theta: 1, g: {g}, counter_rotating: 1}}
stages: [{{charge: {collisions}}}]
record: {{at: every}}
"""
# g/omega, collisions, levels enough for the reference.
RABI_RUNS = ((0.1, 150, 200), (0.5, 8, 260), (1.0, 6, 300))


def rabi_cavity(settings):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "rabi.yaml")
        for g, collisions, size in RABI_RUNS:
            config.write_text(RABI.format(g=g, collisions=collisions))
            samples = []
            for _ in range(max(1, settings.repeats // 2)):
                seconds, _, text = program("run", config, "-o", f"{folder}/rabi.csv", "--force", "--json", "--quiet")
                samples.append(seconds)
            summary = json.loads(text)
            found, parts = summary["series"]["energy"][1:], summary["wall_seconds"]
            off = worst(*zip(found, references.rabi_energies(size, g, collisions)))
            right = off <= measure.TOLERANCE
            rows.append([g, collisions, f"{found[-1]:.6g}", Times(samples) if right else measure.wrong(off),
                         *(seconds_text(parts[part]) for part in ("setup", "collisions", "observables")), f"{off:.1e}"])
    return section(
        f"{rows[0][1]} collisions at g/omega = {rows[0][0]} in {rows[0][3]}",
        measure.table(["g/omega", "collisions", "energy", "whole process (spread)", "set-up", "collisions", "observables",
                       "difference"], rows),
        "Counter-rotating terms, theta = 1, q = 1/4, c = 1, `levels: auto`, all default observables after every collision. Such a "
        "battery has no traps and climbs: at g/omega = 0.5 and 1 four hundred levels are full after twenty collisions, so that a "
        "plateau at N = 40 exists in cut matrices only. Compared: all energies with dense matrices in numpy.")


SWEEP_GRID = """battery: {levels: 64}
atoms: {c: 1}
stages: [{charge: 1000}]
sweep:
  axes:
    - {key: interaction.theta, linspace: [0.8, 3, 200]}
    - {key: atoms.q, linspace: [0.3, 0.9, 200]}
  summaries: [plateau_energy, plateau_ergotropy, plateau_purity, charging_time, plateau_end, final_energy]
"""


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


def interrupted(config, table, after):
    """Seconds of a sweep that is stopped after so many seconds, and gone on with."""
    command = [measure.BUILD / "umaser", "sweep", config, "-o", table, "--threads", "2", "--quiet"]
    start = time.perf_counter()
    first = subprocess.Popen(command, cwd=measure.ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        first.wait(after)
        return None
    except subprocess.TimeoutExpired:
        first.send_signal(signal.SIGINT)
        first.wait()
    subprocess.run(command, cwd=measure.ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def sweep_grid(settings):
    wall, processor, loops, pairs = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        config, found = pathlib.Path(folder, "grid.yaml"), pathlib.Path(folder, "grid.csv")
        config.write_text(SWEEP_GRID)
        for turn in range(max(1, settings.repeats // 3)):
            seconds, used = maser.sweep(config, found)
            wall.append(seconds)
            processor.append(used)
            with open(found, newline="") as file:
                points = list(csv.DictReader(file))
            for point in points[1237 + 977 * turn::8009]:  # anywhere, other ones every time
                line, = other_peer("grid", 64, 1000, point["interaction.theta"], point["atoms.q"], middle(point))
                loops.append(line["seconds"])
                pairs += grid_differences(point, line)
        again = pathlib.Path(folder, "again.csv")
        resumed = interrupted(config, again, 0.5 * min(wall))
        same = again.read_bytes() == found.read_bytes()
    off, count = worst(*pairs), len(points)
    done = sum(point["status"] == "done" for point in points)
    flat = sum(point["plateau_energy"] != "" for point in points)
    right = off <= measure.TOLERANCE and done == count == 40000 and same
    fault = "other bytes after an interruption" if not same else f"{done} of {count} done, wrong by {off:.1e}"
    times, own = Times(wall), Times([seconds / count for seconds in processor])
    loop = Times(loops)
    ratio = Times([seconds / own.median for seconds in loops])
    ratio.show = measure.plain_number
    return section(
        f"{times}; a point {ratio} times faster than QuTiP" if right else f"{fault}: no time",
        measure.table(["time (spread)", "target", "stopped half-way and gone on with", "processor time per point",
                       "a point in QuTiP", "times faster (spread)", "target", "with a plateau", "difference"],
                      [[times if right else "no time", at_most(times, 60 * measure.slower(settings.peak)),
                        f"{seconds_text(resumed)}, {'the same bytes' if same else 'OTHER BYTES'}" if resumed else "-", own, loop,
                        ratio, at_least(ratio, 600), f"{flat} of {count}", f"{off:.1e}"]]),
        "theta in [0.8, 3], q in [0.3, 0.9], c = 1, 1000 collisions each: the whole process with its "
        "journal and CSV file, processor time of both threads. QuTiP: one thread, the loop alone, at "
        f"{len(loops)} points of the grid, in turns with the sweep. Compared there: the final energy "
        "and, where there is a plateau, its energy, ergotropy and purity. Where there is none, "
        "1000 collisions are too few for a decade within 2 %.")


def growth(settings):
    """Time of a run over its number of collisions; what is estimated is drawn as such."""
    levels, curves, rows = 100, {"umaser": [], "umaser, stepped": []}, []
    with tempfile.TemporaryDirectory() as folder:
        for exponent in range(2, 13):
            found = [cavity_run(folder, levels, 1, 10**exponent) for _ in range(max(1, settings.repeats // 2))]
            times = Times([seconds for seconds, _ in found])
            curves["umaser"].append((10**exponent, times.median))
            stepped = off = "-"
            if exponent <= 6:
                stepped, energy = cavity_run(folder, levels, 1, 10**exponent, method="step")
                off = worst((found[0][1], energy))
                curves["umaser, stepped"].append((10**exponent, stepped))
                stepped = seconds_text(stepped)
                if exponent <= 4:
                    off = max(off, worst((found[0][1], references.kraus_energy(levels, 10**exponent))))
                if off > measure.TOLERANCE:
                    return section(measure.wrong(off))
                off = f"{off:.1e}"
            rows.append([f"10^{exponent}", times, stepped, off])
    for collisions in (100, 1000):
        for line in peer("collision", levels, collisions):
            name = "QuTiP, users' loop" if line["contestant"] == "qutip" else "SciPy sparse Kraus"
            curves.setdefault(name, []).append((collisions, line["seconds"]))
    for name in ("umaser, stepped", "SciPy sparse Kraus", "QuTiP, users' loop"):
        last, seconds = curves[name][-1]
        curves[name + figures.ESTIMATED] = [(last, seconds), (1e12, seconds * 1e12 / last)]
    figures.cost_of_collisions(settings.figures, curves)
    return section(
        f"{rows[-1][1]} for 10^12 collisions, {rows[4][1]} for 10^6",
        measure.table(["collisions", "whole process (spread)", "every collision stepped", "difference"], rows),
        f"![Time of a run over its number of collisions]({figures.COLLISIONS})",
        f"theta = 1, q = 1/4, c = 1, a cavity cut at N = {levels}, from the vacuum, 200 records of all default observables, CSV file and "
        "JSON. By default the program goes fast-forward where that is cheaper; `accuracy.method: step` takes "
        "every collision. QuTiP and SciPy: the fixed contestants, 100 and 1000 collisions without records; what continues them is "
        "an estimate. Compared: the last energy with stepping, up to 10^4 with numpy too.")


ROWS = {
    "cavity": Row("Cavity, N = 40 and 120, to 10^12 collisions", cavity),
    "rabi-cavity": Row("Cavity with counter-rotating terms", rabi_cavity),
    "growth": Row("Time over the number of collisions, N = 100", growth),
    "plateau": Row("The plateau example, a million collisions", plateau),
    "startup": Row("A run of 30 collisions, from start to end", startup),
    "sweep-grid": Row("A sweep of 200 x 200 points, N = 64, two threads", sweep_grid),
}
