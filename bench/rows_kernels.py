"""Rows about single collisions: the resonant kernel, its windows, batches, Rabi, environment."""
import figures
import inside
import measure
import references
from measure import Ratio, Row, Times, at_least, at_most, by_turns, compared, ours, peer, section, seconds_text

# Seconds that a collision may take, by N: for pure atoms (c = 1) and mixed ones.
KERNEL_TARGETS = {"pure": {50: 0.6e-6, 100: 2.0e-6, 200: 7.0e-6, 400: 27e-6, 800: 110e-6, 1600: 450e-6},
                  "mixed": {50: 0.6e-6, 100: 2.1e-6, 200: 8e-6, 400: 31e-6, 800: 125e-6, 1600: 650e-6}}
KERNEL_LEVELS = (20, 50, 100, 200, 400, 800, 1600)
MULTIPLY_ADDS = {"pure": 8, "mixed": 10}  # per stored element of the Hermitian matrix
PEER_COLLISIONS = {20: 1000, 50: 1000, 100: 300, 200: 100, 400: 10}
ALLOWED = 1.1  # targets are times of prototypes, and a tenth


def kernel_reference(levels, atoms):
    """Energy after three collisions of the state that fills its space."""
    return references.stepped_energy(levels, 3, c=1.0 if atoms == "pure" else 0.7,
                                     start=references.full_state(levels))


def kernel_off(lines, levels, atoms):
    """Against the plain loop element by element, and where numpy is quick enough against it."""
    off = max(line["difference"] for line in lines)
    if levels <= 200:
        truth = kernel_reference(levels, atoms)
        off = max(off, *(measure.relative(line["energy"], truth) for line in lines))
    return off


def kernels(settings):
    rows, curves, shares, placed = [], {}, [], set()
    for atoms in ("pure", "mixed"):
        for levels in KERNEL_LEVELS:
            lines = by_turns(max(1, settings.repeats // 2), lambda: ours("kernel", "full", atoms, levels))
            placed |= {levels for line in lines["umaser"] if line["states"] == 1}
            mine, plain = (Times([line["seconds_per_collision"] for line in lines[who]])
                           for who in ("umaser", "plain-c"))
            peak = max(line["peak"] for line in lines["umaser"])
            fastest = min(line["fastest"] for line in lines["umaser"])
            bound = MULTIPLY_ADDS[atoms] * levels * (levels + 1) / 2 / peak
            off = kernel_off(lines["umaser"], levels, atoms)
            if off > measure.TOLERANCE:
                rows.append([atoms, levels, measure.wrong(off), *["-"] * 6, f"{off:.1e}"])
                continue
            target = KERNEL_TARGETS[atoms].get(levels)
            judged = at_most(mine, ALLOWED * target * measure.KERNELS_RATE / peak) if target else ""
            shares.append((100 * bound / mine.median, atoms, levels))
            rows.append([atoms, levels, mine, seconds_text(fastest), seconds_text(bound),
                         f"{100 * bound / mine.median:.0f} % ({100 * bound / fastest:.0f} %)", judged, plain,
                         Ratio(plain, mine), f"{off:.1e}"])
            curves.setdefault(f"umaser, {atoms} atoms", []).append((levels, mine.median))
            if atoms == "pure":
                curves.setdefault("plain C", []).append((levels, plain.median))
                curves.setdefault("bound, pure atoms", []).append((levels, bound))
    for levels, collisions in PEER_COLLISIONS.items():
        truth = references.kraus_energy(levels, collisions)
        for line in peer("collision", levels, collisions):
            if measure.relative(line["energy"], truth) <= measure.TOLERANCE:
                name = "QuTiP, users' loop" if line["contestant"] == "qutip" else "SciPy sparse Kraus"
                curves.setdefault(name, []).append((levels, line["seconds_per_collision"]))
    figures.cost_of_levels(settings.figures, curves)
    least, most = min(shares), max(shares)
    return section(
        f"{least[0]:.0f} % of what arithmetic allows at N = {least[2]} ({least[1]}) to {most[0]:.0f} % at N = "
        f"{most[2]} ({most[1]})",
        measure.table(["atoms", "N", "time (spread)", "fastest", "bound", "of the peak (fastest)", "target",
                       "plain C", "times faster (spread)", "difference"], rows),
        f"![Time of one collision over the number of levels]({figures.LEVELS})",
        "`um_map_apply` alone on a state that fills all N levels and orders, theta = 1, q = 1/4, c = 1 (pure) or "
        "0.7 (mixed), a cavity cut at N; as in a run in place" + (f" from N = {min(placed)} on, " if placed else " nowhere, ") +
        "from one state to another elsewhere. A time is a median of 61 samples of a millisecond. Bound: 8 multiply-adds "
        "(pure) or 10 (mixed) per stored element, at the peak measured in the same process, between the samples. Plain C: the "
        "loop over the whole real matrix in `bench/plain.c`, gcc -O3 for this machine, in turns. Compared: "
        "all elements after three collisions with plain C, up to N = 200 the energy with matrices in numpy as well. In the "
        "figure QuTiP and SciPy are the fixed contestants (a run from the vacuum); where they are not drawn they "
        "take seconds per collision.")


def detuned(settings):
    adds, rows, shares = {"pure": 24, "mixed": 28}, [], []
    for atoms in ("pure", "mixed"):
        for levels in KERNEL_LEVELS[:5]:
            lines = [ours("kernel", "detuned", atoms, levels)[0] for _ in range(max(1, settings.repeats // 2))]
            truth = references.stepped_energy(levels, 3, c=1.0 if atoms == "pure" else 0.7, detuning=0.7,
                                              start=references.full_state(levels))
            off = max(measure.relative(line["energy"], truth) for line in lines)
            if off > measure.TOLERANCE:
                rows.append([atoms, levels, measure.wrong(off), *["-"] * 3, f"{off:.1e}"])
                continue
            mine = Times([line["seconds_per_collision"] for line in lines])
            fastest, peak = min(line["fastest"] for line in lines), max(line["peak"] for line in lines)
            bound = adds[atoms] * levels * (levels + 1) / 2 / peak
            shares.append(100 * bound / mine.median)
            rows.append([atoms, levels, mine, seconds_text(fastest), seconds_text(bound),
                         f"{shares[-1]:.0f} % ({100 * bound / fastest:.0f} %)", f"{off:.1e}"])
    return section(
        f"{min(shares):.0f} to {max(shares):.0f} % of what arithmetic allows" if shares else "wrong: no time",
        measure.table(["atoms", "N", "time (spread)", "fastest", "bound", "of the peak (fastest)", "difference"], rows),
        "As the row above, the atoms detuned by 0.7 / tau: complex factors, two planes. Bound: 24 multiply-adds (pure) or 28 "
        "(mixed) per stored element. Compared: the energy after three collisions with matrices in numpy.")


def threads(settings):
    targets, rows, said = {200: 1.5, 400: 1.7, 800: 1.7}, [], []
    for atoms in ("pure", "mixed"):
        for levels in (100, 200, 400, 800):
            one, two = ours("threads", atoms, levels)
            if not two["same_bits"]:
                rows.append([atoms, levels, "wrong: other bits", *["-"] * 4])
                continue
            least = targets.get(levels)
            judged = f"{least}: {'met' if two['ratio'] >= least else 'MISSED'}" if least else ""
            said.append((levels, two["ratio"]))
            rows.append([atoms, levels, *(seconds_text(line["seconds_per_collision"]) for line in (one, two)),
                         f"{two['ratio']:.2f} ({two['ratio_low']:.2f} to {two['ratio_high']:.2f})", judged,
                         f"{two['free_turns']} of {two['turns']}"])
    return section(
        ", ".join(f"{ratio:.2f} at N = {levels}" for levels, ratio in said) + " (pure, then mixed atoms)",
        measure.table(["atoms", "N", "one thread", "two threads", "times faster (quartiles)", "target",
                       "turns with two cores free"], rows),
        "Collisions one after another on a state that fills all N levels and orders, theta = 1, q = 1/4, c = 1 (pure) or 0.7 "
        "(mixed), in turns of 0.3 ms each. Before and after each turn multiply-adds alone in two threads: turns in which they "
        "ran at less than 1.8 times the speed of one are left out. Compared: every bit after 20 collisions.")


def collision(levels, collisions, target):
    def measured(settings):
        lines = by_turns((settings.repeats + 1) // 2, lambda: peer("collision", levels, collisions),
                         lambda: ours("collision", "run", "cavity", levels, collisions))
        rows, ratios = compared(lines, lines["qutip"][0], ["energy"], target,
                                names={"umaser-run": "umaser, a run from the vacuum"})
        beside = Ratio(Times([line["seconds_per_collision"] for line in lines["scipy-sparse"]]),
                       Times([line["seconds_per_collision"] for line in lines["umaser-run"]]))
        return section(
            f"{ratios['umaser-run']} times faster than QuTiP, {beside} times than SciPy"
            if "umaser-run" in ratios else "wrong: no time",
            measure.table(measure.COLUMNS, rows),
            f"Per collision; {collisions} resonant collisions from the vacuum, c = 1, q = 1/4, theta = 1, with the energy "
            f"after every one; QuTiP {lines['qutip'][0]['version']}. Ours is a run through the public interface: "
            "window, outgoing atom, ledger and error bound of every collision included.")
    return measured


def window(settings):
    levels, collisions = 200, 20000
    lines = by_turns(max(1, settings.repeats // 2), lambda: ours("kernel", "window", levels, collisions))
    times = {who: Times([line["seconds_per_collision"] for line in samples]) for who, samples in lines.items()}
    whole = references.kraus_energy(levels, 300)
    early = ours("collision", "run", "cavity", levels, 300)[0]["energy"]
    off = max(measure.relative(early, whole), *(line["difference"] for samples in lines.values() for line in samples))
    if off > measure.TOLERANCE:
        return section(measure.wrong(off))
    names = {"umaser-full": "the full kernel", "umaser-window": "the same with its window",
             "umaser-run": "a run: window, outgoing atom, ledger, bound"}
    rows, held = [], lines["umaser-window"][0]
    for who, name in names.items():
        ratio = Ratio(times["umaser-full"], times[who])
        judged = at_least(ratio, 4) if who == "umaser-window" else ""
        rows.append([name, times[who], ratio, judged, f"{max(line['difference'] for line in lines[who]):.1e}"])
    return section(
        f"{Ratio(times['umaser-full'], times['umaser-window'])} times faster than the full kernel",
        measure.table(["what", "time per collision (spread)", "times faster than the full kernel (spread)", "target",
                       "difference"], rows),
        f"theta = 1, q = 1/4, c = 1, N = {levels}, {collisions} collisions from the vacuum; after them {held['levels']} "
        f"levels and {held['orders']} orders hold all that exceeds 1e-18. Difference: largest one of an element from "
        "stepping without a window; of the run: of the energy, which its trace, kept at 1, has more exactly. Compared also: the "
        "energy after 300 collisions with numpy.")


def lanes(settings):
    targets = {("pure", 20): 0.07e-6, ("pure", 32): 0.17e-6, ("pure", 64): 0.65e-6,
               ("general", 20): 0.09e-6, ("general", 32): 0.21e-6, ("general", 64): 0.80e-6}
    rows, shares = [], []
    for atoms in ("pure", "general"):
        for levels in (20, 32, 50, 64, 100):
            lines = [ours("lanes", "full", atoms, levels, 200)[0] for _ in range(max(1, settings.repeats // 2))]
            times = Times([line["seconds_per_collision"] for line in lines])
            fastest = min(line["fastest"] for line in lines)
            adds = lines[0]["multiply_adds"]
            peak = max(line["peak"] for line in lines)
            bound = adds * levels * (levels + 1) / 2 / peak
            off = max(line["difference"] for line in lines)
            if off > measure.TOLERANCE:
                rows.append([atoms, levels, measure.wrong(off), *["-"] * 4, f"{off:.1e}"])
                continue
            target = targets.get((atoms, levels))
            shares.append(100 * bound / times.median)
            rows.append([atoms, levels, times, f"{shares[-1]:.0f} % ({100 * bound / fastest:.0f} %)", adds,
                         at_most(times, ALLOWED * target * measure.KERNELS_RATE / peak) if target else "",
                         f"90: {'met' if shares[-1] >= 90 else 'MISSED'}", f"{off:.1e}"])
    return section(
        f"{min(shares):.0f} to {max(shares):.0f} % of the multiply-add peak" if shares else "wrong: no time",
        measure.table(["atoms", "N", "time (spread)", "of the peak (fastest)", "multiply-adds per element", "target",
                       "target, % of the peak", "difference"], rows),
        "Eight parameter points side by side in the lanes of a vector, per collision and point; states that fill "
        "all N levels and orders, theta from 0.8 to 3, c = 1 (pure) or 0.7 (general), truncation bound included. "
        "Peak: in the same process, between the samples. Compared: energies after 200 collisions with um_map_apply.")


def rabi(settings):
    seconds = {100: 350e-6, 200: 2e-3}
    least = {50: 1, 100: 2, 200: 3}
    rows, said = [], []
    for levels in (50, 100, 200):
        energies = ours("rabi", levels, "check")[0]["energies"]
        off = measure.worst(*zip(energies, references.rabi_energies(levels + 60)))
        lines = [ours("rabi", levels)[0] for _ in range(max(1, settings.repeats // 2))]
        mine, whole, products = (Times([line[who] for line in lines])
                                 for who in ("umaser", "with_atom", "zgemm"))
        if off > measure.TOLERANCE:
            rows.append([levels, measure.wrong(off), "-", "-", products, "-", "-", f"{off:.1e}"])
            continue
        ratio = Ratio(products, mine)
        limit = seconds.get(levels)
        said.append(f"{ratio} at N = {levels}")
        rows.append([levels, mine, at_most(mine, ALLOWED * limit * measure.slower(settings.peak)) if limit else "",
                     whole, products, ratio, at_least(ratio, least[levels]), f"{off:.1e}"])
    return section(
        "times faster than four zgemm: " + ", ".join(said),
        measure.table(["N", "umaser (spread)", "target", "with the outgoing atom", "four zgemm", "times faster (spread)",
                       "target", "difference"], rows),
        "Counter-rotating terms, g/omega = 0.5, theta = 1, c = 1, a state that fills its space; BLAS: two Kraus operators "
        "from both sides. All in one process, in turns, each figure a median of 41. Compared: energies of three "
        "collisions from the vacuum with dense matrices in numpy.")


def channel(settings):
    """What follows a collision, as a multiple of it."""
    lines = by_turns(max(1, settings.repeats // 2), lambda: ours("channel", 100))
    times = {who: Times([line["seconds_per_collision"] for line in samples]) for who, samples in lines.items()}
    expected = references.gap_energies(100, 1e-3, 0.1)
    targets, rows = {"loss": 3, "thermal": 6}, []
    for who, taken in times.items():
        off = measure.relative(lines[who][0]["energy"], expected[who])
        if off > measure.TOLERANCE:
            rows.append([who, measure.wrong(off), "-", "-", f"{off:.1e}"])
            continue
        ratio = Ratio(taken, times["collision"])
        judged = f"{targets[who]}: {'met' if ratio.median <= targets[who] else 'MISSED'}" if who in targets else ""
        rows.append([who, taken, ratio, judged, f"{off:.1e}"])
    loss, thermal = (Ratio(times[who], times["collision"]) for who in ("loss", "thermal"))
    return section(
        f"with loss {loss}, with thermal loss {thermal} times the collision alone",
        measure.table(["collision and", "time (spread)", "times the collision (spread)", "at most", "difference"], rows),
        "N = 100, every level and order in use, kappa T = 1e-3, thermal and random (Poisson arrivals) with n_th = 0.1. "
        "Compared: the energy with the rates of the populations in scipy.")


ROWS = {
    "kernels": Row("Resonant collisions, one thread, N = 20 to 1600", kernels),
    "kernels-detuned": Row("Detuned collisions, one thread, N = 20 to 400", detuned),
    "threads": Row("A collision shared by two threads", threads),
    "collision-50": Row("Collisions from the vacuum, N = 50", collision(50, 1000, 300)),
    "collision-200": Row("Collisions from the vacuum, N = 200", collision(200, 300, 25)),
    "window": Row("The active window, N = 200, 20000 collisions", window),
    "lanes": Row("Eight points at once", lanes),
    "rabi": Row("A Rabi collision against four zgemm", rabi),
    "channel": Row("What follows a collision, N = 100", channel),
    "inside": Row("The environment acting during the collision, N = 60", inside.measured),
}
