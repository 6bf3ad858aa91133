"""The row `maser`: limits of a lossy Rydberg maser against the closed form of its photon statistics."""
import csv
import math
import pathlib
import tempfile

MASER = """battery: {levels: 60}
atoms: {q: 0, c: 0}
interaction: {tau: 0}
stream: {period: 1, arrivals: poisson}
environment: {kappa: 0.05, n_th: 0.1}
stages: [{charge: 100000}]
sweep:
  analysis: ANALYSIS
  axes:
    - {key: interaction.theta, linspace: [0.01, 3, 300]}
  summaries: [SUMMARIES]
"""


def maser_energy(theta, ratio=20, n_th=0.1):
    """Filipowicz, Javanainen, Meystre: the mean of p_n/p_(n-1) = (n_th n + R/kappa sin^2)/((n_th+1) n), q = 0."""
    weight, total, energy = 1.0, 1.0, 0.0
    for n in range(1, 400):
        weight *= (n_th * n + ratio * math.sin(theta * math.sqrt(n)) ** 2) / ((n_th + 1) * n)
        total, energy = total + weight, energy + n * weight
    return energy / total


def row(run):
    def maser(repeats, peak):
        wall, processor, pairs = [], [], []
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(max(3, repeats // 2)):
                both = [0, 0]
                for analysis, summaries in (("steady", "limit_status, limit_energy"), ("run", "final_energy")):
                    config, found = pathlib.Path(folder, "maser.yaml"), pathlib.Path(folder, "maser.csv")
                    config.write_text(MASER.replace("ANALYSIS", analysis).replace("SUMMARIES", summaries))
                    both = [a + b for a, b in zip(both, run.sweep(config, found))]
                    with open(found, newline="") as file:
                        points = list(csv.DictReader(file))
                    pairs += [(float(point["limit_energy"]), maser_energy(float(point["interaction.theta"])))
                              for point in points if point.get("limit_status") == "0"] # reached
                wall.append(both[0])
                processor.append(both[1])
        off, times = run.worst(*pairs), run.Times(wall)
        return run.table("A lossy Rydberg maser at 300 values of g tau, N = 60, two threads", "./do bench maser",
                     ["time (spread)", "target", "processor time", "limits reached", "difference"],
                     [[times if off <= run.TOLERANCE else f"wrong by {off:.1e}: no time",
                       run.judged(times, 60 * run.slower(peak)), run.Times(processor), f"{len(pairs) // len(wall)} of 300",
                       f"{off:.1e}"]],
                     "Excited atoms at random times, R/kappa = 20, n_th = 0.1: two sweeps with their journals and CSV "
                     "files, one of the steady analysis (limit, spectrum), one of runs of 1e5 atoms. Compared: the "
                     "energy of the limit with the closed form of the photon statistics.")

    return maser
