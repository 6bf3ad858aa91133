"""Rows about numbers from states: spectra, phase-space functions, films."""
import pathlib
import tempfile

import measure
import references
from measure import Ratio, Row, Times, at_least, at_most, by_turns, compared, other_peer, ours, peer, section

POINTS, SPAN = 200, 12


def ladder(settings):
    levels, collisions = 200, 1000
    lines = by_turns(max(1, settings.repeats // 2), lambda: peer("ladder", levels, collisions),
                     lambda: ours("collision", "run", "ladder", levels, collisions, "ergotropy"))
    rows, ratios = compared(lines, lines["qutip"][0], ["energy", "ergotropy"], 30, names={"umaser-run": "umaser"})
    total = Times([line["seconds"] for line in lines["umaser-run"]])
    alone = Times([line["seconds_per_collision"] for line in other_peer("spectrum", levels)])
    right = "umaser-run" in ratios
    return section(
        f"the whole run {total}, {ratios['umaser-run']} times faster than QuTiP" if right else "wrong: no time",
        measure.table(measure.COLUMNS, rows),
        f"The whole run: {total}; target {at_most(total, 1.3 * measure.slower(settings.peak))}." if right else "",
        "Per collision with its ergotropy; theta = pi/4, q = 1/4, c = 1, the ladder's top at N - 1. LAPACK where LAPACK "
        f"would do: the eigenvalues of one full real symmetric matrix of this size take {alone} (numpy's eigvalsh).")


def wigner(settings):
    repeats = max(1, settings.repeats // 2)
    coherent = by_turns(repeats, lambda: peer("wigner", 200), lambda: ours("wigner", "coherent", 200))
    full = by_turns(repeats, lambda: other_peer("wigner", 200, POINTS, SPAN), lambda: ours("wigner", "full", 200))
    rows, _ = compared(coherent, coherent["qutip"][0], ["maximum"], 20)
    more, ratios = compared(full, full["qutip-full"][0], ["maximum", "checksum"], 20, "qutip-full")
    mine = Times([line["seconds_per_collision"] for line in full["umaser-full"]])
    right = "umaser-full" in ratios
    return section(
        f"{mine}, {ratios['umaser-full']} times faster than QuTiP" if right else "wrong: no time",
        measure.table(["contestant", "time of a frame (spread)", *measure.COLUMNS[2:]], rows + more),
        f"Target of the full state: {at_most(mine, 0.030 * measure.slower(settings.peak))}." if right else "",
        "200 x 200 points over [-12, 12]^2. A coherent state, alpha = 6 (of which umaser stores the levels that matter), "
        "and a state that fills all levels and orders; QuTiP with its method `clenshaw`.")


def husimi(settings):
    lines = by_turns(max(1, settings.repeats // 2), lambda: other_peer("husimi", 200, POINTS, SPAN),
                     lambda: ours("wigner", "husimi", 200))
    rows, ratios = compared(lines, lines["qutip-full"][0], ["maximum", "checksum"], None, "qutip-full")
    return section(
        f"{rows[-1][1]}, {ratios.get('umaser-husimi', '-')} times faster than QuTiP",
        measure.table(["contestant", "time of a frame (spread)", *measure.COLUMNS[2:]], rows),
        "The state that fills all levels and orders, the grid of the Wigner row; QuTiP's qfunc.")


FILM = """battery: {levels: 200}
atoms: {q: 0.25, c: 1}
interaction: {theta: 0.3}
stages: [{charge: 1000}]
record:
  wigner: {at: [%s], grid: [-16, 16, 400]}
accuracy: {truncation: 1}
"""
FRAMES = [10 * frame for frame in range(1, 101)]
COMPARED = 40  # the frame that is compared: the 41st


def film_difference(file):
    """The compared frame and, from its state in numpy, QuTiP's."""
    import netCDF4
    with netCDF4.Dataset(file) as data:
        found = data["wigner"][COMPARED].data
    line, = other_peer("film", 200, 400, 16, 0.3, FRAMES[COMPARED])
    off = max(measure.relative(found.max(), line["maximum"]),
              measure.relative(references.checksum(found), line["checksum"]))
    return off, line["seconds_per_collision"]


def film(settings):
    seconds, processor = [], []
    with tempfile.TemporaryDirectory() as folder:
        config, file = pathlib.Path(folder, "film.yaml"), pathlib.Path(folder, "film.nc")
        config.write_text(FILM % ", ".join(map(str, FRAMES)))
        for _ in range(max(1, settings.repeats // 2)):
            wall, used, _ = measure.program("run", config, "-o", file, "--force", "--quiet")
            seconds.append(wall)
            processor.append(used)
        size = file.stat().st_size
        off, theirs = film_difference(file)
    if off > measure.TOLERANCE:
        return section(measure.wrong(off))
    times = Times(seconds)
    each = Times([second / len(FRAMES) for second in seconds])
    return section(
        f"{times} for {len(FRAMES)} frames, {Ratio(Times([theirs] * len(seconds)), each)} times faster than QuTiP",
        measure.table(["whole process (spread)", "processor time", "a frame", "a frame in QuTiP", "times faster (spread)",
                       "file", "difference"],
                      [[times, Times(processor), each, measure.seconds_text(theirs),
                        Ratio(Times([theirs] * len(seconds)), each), f"{size / 1e6:.0f} MB", f"{off:.1e}"]]),
        "`umaser run` with its netCDF file: a cavity cut at N = 200, theta = 0.3, q = 1/4, c = 1, a frame of 400 x 400 points every ten of "
        f"1000 collisions. QuTiP: the {COMPARED + 1}st frame alone (`clenshaw`), of the same state; compared there.")


ROWS = {
    "ladder": Row("Ladder, N = 200, ergotropy after each of 1000 collisions", ladder),
    "wigner": Row("Wigner function, 200 x 200 points, N = 200", wigner),
    "husimi": Row("Husimi function, 200 x 200 points, N = 200", husimi),
    "film": Row("Film of 100 Wigner functions of 400 x 400 points, N = 200", film),
}
