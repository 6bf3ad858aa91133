"""Figures of docs/performance.md, by gnuplot. {curve: [(x, seconds), ...]} on logarithmic axes."""
import pathlib
import shutil
import subprocess

LEVELS, COLLISIONS = "performance-levels.svg", "performance-collisions.svg"

# Colours that the colour-blind tell apart, each with a point type and a dash of its own.
STYLES = {
    "umaser, pure atoms": ("#0072B2", 7, "1"),
    "umaser, mixed atoms": ("#56B4E9", 5, "1"),
    "bound, pure atoms": ("#000000", 0, "3"),
    "plain C": ("#009E73", 9, "1"),
    "SciPy sparse Kraus": ("#E69F00", 11, "1"),
    "QuTiP, users' loop": ("#D55E00", 13, "1"),
    "umaser": ("#0072B2", 7, "1"),
    "umaser, stepped": ("#56B4E9", 5, "1"),
}
ESTIMATED = ", estimated"  # a dashed continuation of the curve of that name; one legend for all


def style_of(name):
    colour, point, dash = STYLES[name.removesuffix(ESTIMATED)]
    if name.endswith(ESTIMATED):
        return f"with lines lw 1.5 dt 2 lc rgb '{colour}'"
    if point == 0:
        return f"with lines lw 1.5 dt {dash} lc rgb '{colour}'"
    return f"with linespoints lw 2 dt {dash} pt {point} ps 0.7 lc rgb '{colour}'"


def draw(folder, name, xlabel, ylabel, curves, extra):
    if not shutil.which("gnuplot"):
        raise FileNotFoundError("figures need gnuplot")
    script = ["set terminal svg size 800,460 font 'Helvetica,15' background '#ffffff'",
              f"set output '{pathlib.Path(folder, name)}'", "set logscale xy", "set format y '10^{%L}'",
              "set grid xtics ytics lc rgb '#dddddd' lw 0.7 dt 1", "set border 3", "set tics nomirror",
              "set key outside right center Left reverse spacing 1.3 samplen 2.5", "unset mxtics", "unset mytics",
              f"set xlabel '{xlabel}'", f"set ylabel '{ylabel}'", *extra]
    plots = []
    for index, (curve, points) in enumerate(curves.items()):
        script += [f"$curve{index} << END", *(f"{x:.9g} {y:.9g}" for x, y in points), "END"]
        text = curve.replace("'", "''")
        title = "notitle" if curve.endswith(ESTIMATED) else f"title '{text}'"
        plots.append(f"$curve{index} {style_of(curve)} {title}")
    if any(curve.endswith(ESTIMATED) for curve in curves):
        plots.append("NaN with lines lw 1.5 dt 2 lc rgb '#555555' title 'estimated from there'")
    script.append("plot " + ", ".join(plots))
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)


def cost_of_levels(folder, curves):
    order = [name for name in STYLES if name in curves]
    ticks = "set xtics (20, 50, 100, 200, 400, 800, 1600)"
    draw(folder, LEVELS, "levels N of the battery", "time of one collision (s)",
         {name: curves[name] for name in order[::-1]}, [ticks, "set xrange [18:1800]"])


def cost_of_collisions(folder, curves):
    draw(folder, COLLISIONS, "number of collisions", "time of the whole run (s)", curves,
         ["set format x '10^{%L}'", "set xrange [1e2:1e12]", "set yrange [1e-4:1e10]", "set xtics 100", "set ytics 100",
          "set label 1 'an hour' at 2e2,3600 offset 0,0.5 tc rgb '#555555' font ',12'",
          "set label 2 'a year' at 2e2,3.16e7 offset 0,0.5 tc rgb '#555555' font ',12'",
          "set arrow 1 from 1e2,3600 to 1e12,3600 nohead lc rgb '#999999' dt 4",
          "set arrow 2 from 1e2,3.16e7 to 1e12,3.16e7 nohead lc rgb '#999999' dt 4"])
