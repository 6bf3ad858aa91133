"""Rows about for ever: fast-forward, steady analyses, the lossy maser."""
import json
import subprocess
import time

import maser
import measure
import references
from measure import Ratio, Row, Times, at_least, at_most, by_turns, ours, peer, relative, section, seconds_text, worst


def forward(levels, target):
    def measured(settings):
        lines = [ours("long", "forward", levels)[0] for _ in range(max(1, settings.repeats // 2))]
        off = max(relative(line["energies"][0], line["stepped"]) for line in lines)
        differs = max(line["difference"] for line in lines)
        times, line = Times([line["seconds"] for line in lines]), lines[0]
        if off > measure.TOLERANCE or differs > 1e-12:
            return section(measure.wrong(max(off, differs)))
        energies = ", ".join(f"{energy:.10g}" for energy in line["energies"])
        return section(
            f"{times} for 10^12 collisions",
            measure.table(["time (spread)", "target", "energy after 10^6, 10^9, 10^12", "against stepping, 10^6",
                           "against another projection", "bound", "rank"],
                          [[times, at_most(times, target * measure.slower(settings.peak)), energies, f"{off:.1e}",
                            f"{differs:.1e}", f"{line['bound']:.1e}", line["rank"]]]),
            f"{line['records']} records of energy and purity, theta = 1, q = 1/4, c = 1, from the "
            f"vacuum, a cavity cut at {levels} levels. The other projection starts after 7000 "
            "collisions, from another state in another space; the difference may be 1e-12.")
    return measured


# The chamber 0..9 at theta = 1. Its own state reaches a little beyond the trap, by 4e-8 of its energy.
LEAK, REACH = 1.9066e-14, 1e-7


def steady_off(line, levels):
    """Energy after 1000 collisions against numpy; infinite if anything else is not as it must be."""
    leak = abs(line["leak"] / LEAK - 1) if line["leak"] else 1
    chamber = worst((line["chamber_energy"], references.chamber_energy(9)))
    if leak > 1e-4 or chamber > REACH or line["eigenvalues"] < 10 or line["limit"] == "reached":
        return float("inf")
    return worst((line["early_energy"], references.kraus_energy(min(levels, 150), 1000)))


def steady(levels, target):
    def measured(settings):
        turns = max(1, settings.repeats // 2) if levels <= 100 else 1
        lines = [ours("long", "steady", levels)[0] for _ in range(turns)]
        times, line = Times([line["seconds"] for line in lines]), lines[0]
        off = max(steady_off(line, levels) for line in lines)
        right = off <= measure.TOLERANCE
        return section(
            f"{times} for plateau, limit, chambers and spectrum" if right else measure.wrong(off),
            measure.table(["time (spread)", "target", "plateau", "leak of the first chamber", "limit", "eigenvalues",
                           "difference"],
                          [[times if right else "no time", at_most(times, target * measure.slower(settings.peak)),
                            f"{line['energy']:.10g}", line["leak"], line["limit"], line["eigenvalues"], f"{off:.1e}"]]),
            "Plateau, limit, chambers and ten leading eigenvalues, theta = 1, q = 1/4, c = 1, from "
            f"the vacuum, a cavity cut at {levels} levels. Compared: the energy after 1000 collisions with numpy; the chamber "
            f"0..9 with the fixed point of that chamber alone ({REACH:g}); its leak with {LEAK} (five digits). Without an exact "
            "trap no limit may be claimed.")
    return measured


def steady_peer(settings):
    lines = by_turns(max(1, settings.repeats // 2), lambda: peer("steady", 40), lambda: ours("long", "steady", 40))
    truth = references.kraus_energy(40, 20000)
    base = Times([line["seconds"] for line in lines["qutip-propagator_steadystate"]])
    mine = Times([line["seconds"] for line in lines["umaser-steady"]])
    ratio, theirs, line = Ratio(base, mine), lines["qutip-propagator_steadystate"][0], lines["umaser-steady"][0]
    off = steady_off(line, 40)
    right = off <= measure.TOLERANCE and relative(line["energy"], truth) < 1e-6
    return section(
        f"{ratio} times faster than QuTiP, and right" if right else measure.wrong(off),
        measure.table(["contestant", "time (spread)", "times faster (spread)", "target", "energy", "answer"],
                      [["QuTiP, propagator_steadystate", base, "1", "", f"{theirs['energy']:.10g}",
                        f"wrong by {abs(theirs['energy'] - truth):.3g}"],
                       ["umaser steady", mine if right else "no time", ratio if right else "-", at_least(ratio, 50),
                        f"{line['energy']:.10g}", f"right, {off:.1e}" if right else "wrong"]]),
        f"QuTiP {theirs['version']}, the same Kraus operators: a fixed point, fast or not, of a map that has several to "
        "machine precision; it is shown, with its time, although it is wrong. Truth: the plateau, on which the energy "
        f"after 20000 collisions from the vacuum is {truth:.8f} in numpy and moves by less than 1e-6. Compared as in the "
        "rows below. Ours includes chambers, leaks, limit and spectrum.")


def scan(levels, first, target):
    """Two processes share 200 values of g tau."""
    def measured(settings):
        def started(which):
            return subprocess.Popen([measure.BUILD / "bench" / "bench_long", "scan", str(levels), str(which), "2", str(first)],
                                    cwd=measure.ROOT, text=True, stdout=subprocess.PIPE)
        start = time.perf_counter()
        halves = [started(0), started(1)]
        texts = [half.communicate()[0] for half in halves]
        times = Times([time.perf_counter() - start])
        if any(half.returncode for half in halves):
            raise measure.Failed("bench_long scan")
        lines = sorted((json.loads(line) for text in texts for line in text.splitlines()),
                       key=lambda line: line["theta"])
        off = worst(*((line["early_energy"], references.kraus_energy(levels, 1000, line["theta"]))
                      for line in lines[::33]))
        right = off <= measure.TOLERANCE and len(lines) == 200
        words = [line["limit"] for line in lines]
        counts = ", ".join(f"{word} {words.count(word)}" for word in sorted(set(words)))
        slowest, each = max(lines, key=lambda line: line["seconds"]), Times([line["seconds"] for line in lines])
        return section(
            f"{times} for 200 values, {seconds_text(each.median)} each (median)" if right else measure.wrong(off),
            measure.table(["time", "target", "a value (spread)", "slowest value", "limits", "energy after 1000"],
                          [[times if right else "no time",
                            at_most(times, target * measure.slower(settings.peak)) if target else "", each,
                            f"theta = {slowest['theta']:.4f}", counts, f"{off:.1e}"]]),
            f"g tau from {first} to 3. The whole steady analysis at each value, q = 1/4, c = 1, from the vacuum, the "
            f"cavity cut at {levels} levels. Compared: every 33rd value's energy after 1000 collisions with Kraus sums in numpy.")
    return measured


ROWS = {
    "forward-50": Row("Fast-forward to 10^12 collisions, N = 50", forward(50, 0.03)),
    "forward-100": Row("Fast-forward to 10^12 collisions, N = 100", forward(100, 0.15)),
    "forward-200": Row("Fast-forward to 10^12 collisions, N = 200", forward(200, 1.3)),
    "forward-400": Row("Fast-forward to 10^12 collisions, N = 400", forward(400, 10)),
    "steady-peer": Row("Where the battery stays, N = 40, against QuTiP", steady_peer),
    "steady-100": Row("Steady analysis, N = 100", steady(100, 0.3)),
    "steady-400": Row("Steady analysis, N = 400", steady(400, 12)),
    "scan-40": Row("A scan of 200 values of g tau in [0.1, 3], N = 40, two processes", scan(40, 0.1, None)),
    "scan-100": Row("A scan of 200 values of g tau in [0.8, 3], N = 100, two processes", scan(100, 0.8, 30)),
    "maser": Row("A lossy Rydberg maser at 300 values of g tau, two threads", maser.measured),
}
