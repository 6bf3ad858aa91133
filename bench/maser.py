"""The row `maser`: limits of a lossy Rydberg maser against the closed form of its photon statistics."""
import csv
import math
import pathlib
import tempfile

import measure
from measure import Times

RATE, VALUES, ATOMS = 70, 300, 100000
FREQUENCY, QUALITY, KELVIN = 21.456e9, 4e10, 0.3
MASER = f"""units: si
battery: {{levels: 60, frequency: {FREQUENCY / 1e9} GHz}}
atoms: {{q: 0, c: 0}}
interaction: {{tau: 0}}
stream: {{rate: {RATE} /s, arrivals: poisson}}
environment: {{Q: {QUALITY:g}, temperature: {KELVIN} K}}
stages: [{{charge: {ATOMS}}}]
sweep:
  analysis: ANALYSIS
  axes:
    - {{key: interaction.theta, linspace: [0.01, 3, {VALUES}]}}
  summaries: [SUMMARIES]
"""


def maser_energy(theta):
    """Filipowicz, Javanainen, Meystre: the mean of p_n/p_(n-1) = (n_th n + R/kappa sin^2)/((n_th+1) n), q = 0."""
    n_th = 1 / math.expm1(6.62607015e-34 * FREQUENCY / (1.380649e-23 * KELVIN))
    ratio = RATE * QUALITY / (2 * math.pi * FREQUENCY)
    weight, total, energy = 1.0, 1.0, 0.0
    for n in range(1, 400):
        weight *= (n_th * n + ratio * math.sin(theta * math.sqrt(n)) ** 2) / ((n_th + 1) * n)
        total, energy = total + weight, energy + n * weight
    return energy / total


def sweep(config, table, *options):
    return measure.program("sweep", config, "-o", table, "--threads", 2, "--quiet", "--force", *options)[:2]


def once(folder):
    """Wall and processor time of both sweeps, pairs of limits (found, expected)."""
    wall, used, pairs = 0, 0, []
    config, table = pathlib.Path(folder, "maser.yaml"), pathlib.Path(folder, "maser.csv")
    for analysis, summaries in (("steady", "limit_status, limit_energy"), ("run", "final_energy")):
        config.write_text(MASER.replace("ANALYSIS", analysis).replace("SUMMARIES", summaries))
        seconds, processor = sweep(config, table)
        wall, used = wall + seconds, used + processor
        with open(table, newline="") as file:
            pairs += [(float(point["limit_energy"]), maser_energy(float(point["interaction.theta"])))
                      for point in csv.DictReader(file) if point.get("limit_status") == "0"]  # reached
    return wall, used, pairs


def measured(settings):
    with tempfile.TemporaryDirectory() as folder:
        wall, processor, pairs = zip(*(once(folder) for _ in range(max(1, settings.repeats // 3))))
    off, times = max(measure.worst(*some) for some in pairs), Times(wall)
    each = times.median / VALUES
    right = off <= measure.TOLERANCE and len(pairs[0]) == VALUES
    return measure.section(
        f"{times} for {VALUES} values, limit, spectrum and {ATOMS} atoms each" if right else measure.wrong(off),
        measure.table(["time (spread)", "target", "a value", "processor time", "limits reached", "difference"],
                      [[times if right else "no time", measure.at_most(times, 60 * measure.slower(settings.peak)),
                        measure.seconds_text(each), Times(processor), f"{len(pairs[0])} of {VALUES}", f"{off:.1e}"]]),
        f"{FREQUENCY / 1e9} GHz, Q = {QUALITY:g}, {KELVIN} K, excited atoms at random times, {RATE} a second (R/kappa = "
        f"{RATE * QUALITY / (2 * math.pi * FREQUENCY):.1f}), N = 60: two sweeps with their journals and CSV files, one of the steady analysis (limit, "
        f"spectrum), one of runs of {ATOMS} atoms. Compared: the energy of the limit with the closed form of the photon "
        "statistics. The row `inside` has what QuTiP takes for one such collision.")
