"""umaser plot of sweeps: lines, bands, maps, text, and what is refused."""
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

UMASER = os.environ["UMASER"]
WORK = tempfile.mkdtemp()
os.chdir(WORK)
failures = []


def check(condition, text):
    if not condition:
        failures.append(text)
        print("FAILED:", text)


def run(*arguments, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_CTYPE", "LANG", "COLUMNS")}
    clean.update(environment)
    return subprocess.run([UMASER, *arguments], env=clean, text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)


def expect(code, pattern, *arguments, **environment):
    done = run(*arguments, **environment)
    check(done.returncode == code and re.search(pattern, done.stderr),
          f"{' '.join(arguments)}: {done.returncode}: {done.stderr}")


def sweep(name, section, *arguments, base="interaction: {theta: 1}\n", allowed=(0,)):
    with open(name + ".yaml", "w") as file:
        file.write("atoms: {q: 0.25, c: 1}\nstages: [{charge: 200}]\n" + base + "sweep: " + section + "\n")
    done = run("sweep", name + ".yaml", "--quiet", *(arguments or ("-o", name + ".nc")))
    check(done.returncode in allowed, f"sweep {name}: {done.returncode}: {done.stderr}")


def digest_of(number, words):
    """As a journal has it of a block without failures."""
    digest = 0xcbf29ce484222325
    for word in (number, *words):
        digest = (digest ^ word) * 0x100000001b3 % 2**64
        digest ^= digest >> 32
    return digest - 2**64 if digest >= 2**63 else digest


def make_bands():
    """Repeats agree in this version: their errors are put into the journals of two shards."""
    section = ("{repeats: 3, summaries: [final_energy], axes: [{key: interaction.theta, "
               "linspace: [0.8, 1.2, 9]}, {key: atoms.q, values: [0.2, 0.4]}]}")
    for shard in ("1", "2"):
        sweep("bands", section, "-o", f"b{shard}.nc", "--shard", shard + "/2")
        base = sqlite3.connect(f"b{shard}.nc.journal")
        for number, data in base.execute("SELECT number, data FROM block").fetchall():
            values = list(struct.unpack(f"{len(data) // 8}d", data))
            values[1::2] = [0.25 + 0.01 * number for _ in values[1::2]]
            data = struct.pack(f"{len(values)}d", *values)
            words = struct.unpack(f"{len(values)}Q", data)
            base.execute("UPDATE block SET data = ?, digest = ? WHERE number = ?",
                         (data, digest_of(number, words), number))
        base.commit()
        base.close()
    done = run("merge", "-o", "bands.nc", "b1.nc", "b2.nc", "--quiet")
    check(done.returncode == 0, f"merge: {done.stderr}")


def make():
    sweep("one", "{axes: [{key: interaction.theta, linspace: [0.8, 1.6, 20]}]}")
    sweep("point", "{axes: [{key: interaction.theta, values: [1]}]}")
    sweep("lines", "{axes: [{key: atoms.q, values: [0.1, 0.25, 2]}, {key: interaction.theta, "
          "linspace: [0.8, 1.6, 10]}]}", allowed=(3,))
    sweep("map", "{axes: [{key: interaction.theta, linspace: [0.9, 2, 12]}, {key: atoms.q, "
          "linspace: [0.3, 1.05, 9]}]}", allowed=(3,))
    sweep("log", "{axes: [{key: interaction.theta, logspace: [0.01, 3, 12]}, {key: atoms.c, values: "
          "[0, 0.1, 0.2, 0.4, 0.7, 0.9, 0.95, 1]}]}")
    sweep("text", "{axes: [{key: battery.initial, values: [vacuum, {fock: 2}, {thermal: 1}]}]}")
    sweep("names", "{axes: [{key: interaction.theta, values: [0.9, 1, 1.1, 1.2]}, {key: title, values: "
          "[\"a'; set output 'hacked\", \"$(touch hacked) `touch hacked`\", µ]}]}")
    sweep("zip", "{mode: zip, axes: [{key: interaction.theta, linspace: [0.8, 1.6, 9]}, {key: atoms.q, "
          "linspace: [0.2, 0.3, 9]}]}")
    sweep("many", "{axes: [{key: interaction.theta, linspace: [0.8, 1.6, 5]}, {key: atoms.q, values: "
          "[0.2, 0.4]}, {key: atoms.c, values: [0, 0.9, 1]}]}")
    make_bands()


ALL = ("one", "point", "lines", "map", "log", "text", "names", "zip", "many", "bands")


def test_text():
    for name in ALL:
        for width in (1, 20, 33, 47, 80, 200):
            for locale in ("C.UTF-8", "C"):
                done = run("plot", name + ".nc", "--format", "text", COLUMNS=str(width), LC_ALL=locale)
                check(done.returncode == 0 and not done.stderr, f"text {name}: {done.stderr}")
                widest = max(map(len, done.stdout.splitlines()), default=0)
                check(0 < widest <= max(20, width), f"text {name}, {width} columns: {widest} wide")
                check(locale != "C" or name == "names" or done.stdout.isascii(), f"text {name}: not ASCII")
    done = run("plot", "map.nc", "--format", "text", "--what", "final_energy", LC_ALL="C")
    check(done.stdout.startswith("final_energy\n"), done.stdout)
    rows = [line for line in done.stdout.splitlines() if " |" in line]
    check(len(rows) == 9 and rows[0].startswith("      1.05 |") and not rows[0].split("|")[1].strip(),
          f"a row per q, the failed one blank: {rows}")
    # The energy falls with q: dark below, light above.
    check(rows[-1].split("|")[1][0] == "#" and rows[1].split("|")[1][0] == ".", f"{rows}")


def test_refusals():
    expect(2, "found plateau_energi; this sweep has plateau_energy,", "plot", "one.nc", "--what", "plateau_energi")
    sweep("short", "{axes: [{key: 'stages[0].charge', values: [1, 2]}], summaries: [plateau_energy]}")
    expect(2, "plateau_energy is defined at no point", "plot", "short.nc", "--what", "plateau_energy")
    expect(2, "no number is defined", "plot", "short.nc", "--format", "text")
    expect(4, "one.yaml", "plot", "one.yaml")
    expect(2, "found sweep; this sweep has", "plot", "one.nc", "--what", "sweep")
    with open("one.nc", "rb") as file:
        image = file.read()
    # What a damaged file was of is not known: nothing is said of runs.
    with open("damaged.nc", "wb") as file:
        file.write(image[:-3000])
    expect(4, "damaged.nc: .*damaged", "plot", "damaged.nc", "--format", "text", "--what", "final_energy")


def svg(name, *arguments):
    done = run("plot", name + ".nc", "-o", "figure.svg", "--force", *arguments)
    check(done.returncode == 0 and not done.stderr, f"plot {name}: {done.returncode}: {done.stderr}")
    with open("figure.svg", encoding="utf-8") as file:
        drawn = file.read()
    return drawn, re.sub("<[^>]*>", " ", drawn)


def has_colour(drawn, colour):
    numbers = ", ".join(str(value) for value in bytes.fromhex(colour[1:]))
    return colour.lower() in drawn.lower() or f"rgb({numbers})" in drawn or \
        f"rgb( {numbers}" in drawn or numbers.replace(" ", "") in drawn.replace(" ", "")


def test_gnuplot():
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: figures not drawn")
        return
    for name in ALL:
        for suffix, magic in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
            done = run("plot", name + ".nc", "-o", f"{name}.{suffix}", LC_ALL="de_DE.UTF-8")
            check(done.returncode == 0 and not done.stderr, f"{name}.{suffix}: {done.stderr}")
            if done.returncode == 0:
                with open(f"{name}.{suffix}", "rb") as file:
                    check(file.read().startswith(magic), f"{name}.{suffix} is no {suffix}")
    check(not os.path.exists("hacked"), "a text of the sweep reached a shell or gnuplot")
    for name, words in (("one", ("plateau energy / ħω", "plateau purity", "θ / rad")),
                        ("lines", ("θ / rad", "ground-state population", "0.1", "0.25")),
                        ("map", ("plateau energy / ħω", "θ / rad", "ground-state population")),
                        ("log", ("coherence", "θ / rad")),
                        ("text", ("initial state", "vacuum", "fock: 2", "thermal: 1")),
                        ("many", ("= 0.2",)),
                        ("bands", ("final energy / ħω", "0.2", "0.4"))):
        drawn, words_drawn = svg(name)
        for word in words:
            check(word in words_drawn, f"'{word}' is not in {name}.svg")
    drawn, words = svg("one", "--what", "maximum_power")
    check("maximum power / ħω" in words and "plateau" not in words, "--what maximum_power")
    # Bands stand behind the lines, in their colours.
    drawn, words = svg("bands")
    check("fill-opacity" in drawn or "opacity" in drawn, "no band is drawn")
    drawn, words = svg("lines")
    for colour in ("#0072B2", "#D55E00", "#666666"):  # two lines, failed points
        check(has_colour(drawn, colour), f"{colour} is not in lines.svg")
    # Traps n = 3 .. 9 lie between theta = 0.9 and 2: dashed white, with some n above.
    drawn, words = svg("map")
    check(has_colour(drawn, "#ffffff") and re.search(r"\b3\b", words), "no traps in map.svg")
    check(has_colour(drawn, "#D55E00"), "failed points are not in map.svg")


def main():
    make()
    test_text()
    test_refusals()
    test_gnuplot()
    os.chdir("/")
    shutil.rmtree(WORK)
    sys.exit(1 if failures else 0)


main()
