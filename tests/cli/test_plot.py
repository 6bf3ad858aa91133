"""umaser plot: figures in every format, in characters down to 20 columns, and every refusal."""
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

UMASER = os.environ["UMASER"]
WORK = tempfile.mkdtemp()
CONFIG = """
battery: {kind: cavity}
atoms: {q: 0.25, c: 1.0}
interaction: {theta: 1.0}
stages: [charge: %s]
record: {at: %s, observables: [%s], states: [20], wigner: {at: [3, 30], grid: [-5, 5, 41]}}
"""
ALL = "energy, ergotropy, ergotropy_incoherent, purity"
failures = []


def check(condition, text):
    if not condition:
        failures.append(text)
        print("FAILED:", text)


def run(*arguments, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_CTYPE", "LANG", "COLUMNS")}
    clean.update(environment)
    return subprocess.run([UMASER, *arguments], cwd=WORK, env=clean, text=True, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)


def make(name, charge, at, observables=ALL):
    with open(os.path.join(WORK, name + ".yaml"), "w") as file:
        file.write(CONFIG % (charge, at, observables))
    done = run("run", name + ".yaml", "--quiet")
    check(done.returncode == 0, f"run of {name}: {done.stderr}")


def read(name):
    with open(os.path.join(WORK, name), "rb") as file:
        return file.read()


def expect(code, pattern, *arguments, **environment):
    done = run(*arguments, **environment)
    check(done.returncode == code, f"{arguments}: exit code {done.returncode}, expected {code}")
    check(re.search(pattern, done.stderr), f"{arguments}: /{pattern}/ is not in: {done.stderr}")
    return done


def png_size(data):
    return struct.unpack(">II", data[16:24])


def test_text():
    for width in (1, 21, 47, 80, 100000):
        for locale, other in (("C.UTF-8", "C"), ("C", "de_DE.UTF-8")):
            for what in ("series", "populations", "wigner", "husimi"):
                for result in ("log.nc", "every.nc"):
                    done = run("plot", result, "--format", "text", "--what", what,
                               COLUMNS=str(width), LC_ALL=locale, LANG=other)
                    check(done.returncode == 0, f"text {what}: {done.stderr}")
                    widest = max(map(len, done.stdout.splitlines()))
                    allowed = max(20, min(width, 200))
                    check(widest <= allowed, f"text {what}, {width} columns: {widest} wide")
                    ascii_only = all(ord(letter) < 128 for letter in done.stdout)
                    check(ascii_only == (locale == "C") or what == "populations",
                          f"text {what} in locale {locale}: ascii {ascii_only}")
    done = run("plot", "log.nc", "--format", "text", LC_ALL="de_DE.UTF-8")
    check("energy 3.87808" in done.stdout, "the plateau's energy, with a point, is in the text")
    check("plateau 14 to the end" in done.stdout, "the plateau's charging time is in the text")
    check(max(map(len, done.stdout.splitlines())) == 80, "80 columns without a terminal")
    done = run("plot", "log.nc", "--format", "text", LC_ALL="", LANG="C.UTF-8")
    check("\u2500" in done.stdout, "an empty LC_ALL does not count")
    done = run("plot", "log.nc", "--format", "text", LC_ALL="C")
    panel = done.stdout.splitlines()
    check(re.match(" +1[+] {2,4}' {4}", panel[panel.index(next(x for x in panel if "purity " in x)) + 1]),
          "collision 0, pure, stands apart on the left of the axis")
    done = run("plot", "every.nc", "--format", "text", LC_ALL="C")
    check("no plateau" in done.stdout, "no plateau is said")
    # The axis goes up to the largest energy, that of collision 23.
    rows = done.stdout.splitlines()
    check(rows[1].startswith("  3.909+"), f"the top of the axis is the largest energy: {rows[1]}")
    first = run("plot", "log.nc", "--format", "text", "--what", "populations", LC_ALL="C")
    check("collision 10000" in first.stdout, "populations of the last record")
    saved = run("plot", "log.nc", "--format", "text", "--what", "populations", "--at", "20", LC_ALL="C")
    check("collision 20" in saved.stdout and saved.stdout != first.stdout,
          "populations of a saved state")
    peak = max(first.stdout.splitlines()[2:], key=lambda line: line.count("#"))
    check(re.match(r" *4 0\.300\d ", peak), f"the largest population is that of level 4: {peak}")
    done = run("plot", "log.nc", "--what", "wigner", "-o", "w.txt", LC_ALL="C")
    check(done.returncode == 0 and read("w.txt").startswith(b"Wigner function\ncollision 30\n"),
          f"text into a file: {done.stderr}")


def test_terminal():
    """The width of a real terminal comes before COLUMNS."""
    for columns in (20, 100):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = {**os.environ, "COLUMNS": "61", "LC_ALL": "C"}
        child = subprocess.Popen([UMASER, "plot", "log.nc", "--format", "text"], cwd=WORK,
                                 env=environment, stdout=slave)
        os.close(slave)
        text = b""
        try:
            while block := os.read(master, 4096):
                text += block
        except OSError:  # the other end is closed
            pass
        os.close(master)
        check(child.wait() == 0, "plot in a terminal")
        widest = max(map(len, text.decode().splitlines()))
        check(widest == columns, f"{widest} columns are used in a terminal of {columns}")


def test_refusals():
    expect(2, "Usage|which file", "plot")
    expect(2, "allowed: svg, pdf, png, text", "plot", "log.nc", "--format", "jpeg")
    expect(2, r"x\.jpeg.*suffix", "plot", "log.nc", "-o", "x.jpeg")
    expect(2, r"suffix", "plot", "log.nc", "-o", "x")
    expect(2, "allowed: series, populations, wigner, husimi", "plot", "log.nc", "--what", "energy")
    expect(2, "found sweep; allowed: series", "plot", "log.nc", "--what", "sweep")
    expect(2, "--at", "plot", "log.nc", "--at", "3")
    expect(2, "there are those of 3, 30", "plot", "log.nc", "--what", "wigner", "--at", "4")
    expect(2, "there are those of 10000, 20", "plot", "log.nc", "--what", "populations", "--at", "7")
    expect(2, "record.observables", "plot", "fano.nc")
    expect(4, "none.nc", "plot", "none.nc")
    expect(4, "log.yaml", "plot", "log.yaml")
    expect(4, "directory", "plot", "log.nc", "--format", "text", "-o", "no/such/f.txt")
    with open(os.path.join(WORK, "taken.txt"), "w") as file:
        file.write("mine")
    expect(4, "taken.txt.*--force", "plot", "log.nc", "-o", "taken.txt")
    check(read("taken.txt") == b"mine", "an existing file is left alone")
    done = run("plot", "log.nc", "-o", "taken.txt", "--force", "--quiet")
    check(done.returncode == 0 and not done.stdout, "--force replaces it, --quiet says nothing")
    check(read("taken.txt") != b"mine", "--force replaced it")
    if os.path.exists("/dev/full"):
        expect(4, "space", "plot", "log.nc", "--format", "text", "-o", "/dev/full", "--force")
    empty = os.path.join(WORK, "empty")
    os.mkdir(empty)
    expect(5, r"gnuplot.*apt-get install gnuplot-nox.*--format text", "plot", "log.nc", PATH=empty)
    check(not os.path.exists(os.path.join(WORK, "log.svg")), "nothing is left without gnuplot")
    # A gnuplot that fails, one that leaves half a figure, one without the terminal.
    for body, code, pattern in (("echo 'line 7: oh no' >&2; exit 1", 4, "line 7: oh no"),
                                ("echo '<svg'", 4, "no figure"),
                                ("kill -9 $$", 4, "signal 9"),
                                ("echo unknown or ambiguous terminal name >&2; exit 1", 5, "install")):
        path = os.path.join(empty, "gnuplot")
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + body + "\n")
        os.chmod(path, 0o755)
        expect(code, pattern, "plot", "log.nc", PATH=empty)
    left = [name for name in os.listdir(WORK) if name.endswith((".tmp", ".svg"))]
    check(not left, f"left over: {left}")


def test_gnuplot():
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: figures not drawn")
        return
    done = run("plot", "log.nc")
    check(done.returncode == 0 and done.stdout == "log.svg\n", f"plot log.nc: {done.stderr}")
    check(not done.stderr, f"gnuplot complains: {done.stderr}")
    svg = read("log.svg").decode()
    text = re.sub("<[^>]*>", "", svg)
    for word in ("energy / ħω", "ergotropy", "incoherent part", "purity", "collisions",
                 "plateau: collision 14 to the end, energy 3.87808", "purity 0.99955"):
        check(word in text, f"'{word}' is not in log.svg")
    for colour in ("#0072B2", "#D55E00", "#009E73"):
        check(colour.lower() in svg.lower() or str(tuple(bytes.fromhex(colour[1:]))).replace(" ", "") in
              svg.replace(" ", ""), f"{colour} is not in log.svg")
    expect(4, "log.svg.*--force", "plot", "log.nc")
    for what in ("series", "populations", "wigner", "husimi"):
        for suffix, magic in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
            name = f"{what}.{suffix}"
            done = run("plot", "every.nc", "--what", what, "-o", name, LC_ALL="de_DE.UTF-8")
            check(done.returncode == 0 and not done.stderr, f"{name}: {done.stderr}")
            check(read(name).startswith(magic), f"{name} is no {suffix}")
    check(png_size(read("series.png")) == (1400, 1260), "size of a PNG")
    done = run("plot", "log.nc", "--what", "wigner", "--at", "3")
    check(done.stdout == "log-wigner-3.svg\n", f"default name: {done.stdout}{done.stderr}")
    done = run("plot", "all.nc", "--what", "populations")
    check(done.stdout == "all-populations.svg\n" and b"<image" in read("all-populations.svg"),
          f"a map of recorded populations: {done.stderr}")
    # A user's text reaches no shell and no gnuplot command.
    odd = "a'b\"; set output 'x' $(touch hacked) `touch hacked`.svg"
    done = run("plot", "log.nc", "-o", odd)
    check(done.returncode == 0 and os.path.exists(os.path.join(WORK, odd)), f"odd name: {done.stderr}")
    check(not os.path.exists(os.path.join(WORK, "hacked")), "a shell saw the name")
    # A user's settings for gnuplot change nothing.
    with open(os.path.join(WORK, ".gnuplot"), "w") as file:
        file.write("exit status 3\n")
    done = run("plot", "log.nc", "-o", "own.svg", HOME=WORK)
    check(done.returncode == 0 and read("own.svg") == read("log.svg"), "~/.gnuplot changes a figure")
    # Another program takes the name while the figure is drawn.
    with open(os.path.join(WORK, "empty", "gnuplot"), "w") as file:
        file.write("#!/bin/sh\necho other >late.svg\nwhile read -r line; do echo \"$line\"; done <own.svg\n")
    expect(4, "late.svg.*--force", "plot", "log.nc", "-o", "late.svg",
           PATH=os.path.join(WORK, "empty"))
    check(read("late.svg") == b"other\n", "a file that came late is left alone")
    for part in ("energy", "purity", "ergotropy_incoherent"):
        done = run("plot", f"{part}.nc")
        check(done.returncode == 0 and not done.stderr, f"only {part}: {done.stderr}")


def test_film():
    """Every state that was kept becomes a frame."""
    expect(2, "--at all .*wigner or husimi", "plot", "log.nc", "--what", "populations", "--at", "all")
    expect(2, "--at", "plot", "log.nc", "--at", "all")
    expect(2, "--at every: .*or all", "plot", "log.nc", "--what", "wigner", "--at", "every")
    done = run("plot", "log.nc", "--what", "wigner", "--at", "all", "--format", "text", LC_ALL="C")
    check(re.findall("collision (\\d+)", done.stdout) == ["3", "30"], f"text, frame by frame: {done.stdout}")
    largest = {}
    for at in ("3", "30"):
        alone = run("plot", "log.nc", "--what", "wigner", "--at", at, "--format", "text", LC_ALL="C")
        largest[at] = re.search("largest (.*)", alone.stdout)[1]
    scales = set(re.findall("largest (.*)", done.stdout))
    check(scales == {max(largest.values(), key=float)} and len(set(largest.values())) == 2,
          f"one scale for all frames: {scales} of {largest}")
    done = run("plot", "log.nc", "--what", "husimi", "--at", "all", "-o", "film.txt")
    check(done.returncode == 0 and done.stdout == "film-0001.txt\nfilm-0002.txt\n", f"names: {done.stderr}")
    check(b"collision 3\n" in read("film-0001.txt") and b"collision 30\n" in read("film-0002.txt"),
          "frames in order")
    os.remove(os.path.join(WORK, "film-0001.txt"))
    expect(4, "film-0002.txt.*--force", "plot", "log.nc", "--what", "husimi", "--at", "all", "-o", "film.txt")
    check(not os.path.exists(os.path.join(WORK, "film-0001.txt")), "nothing is drawn if a frame is in the way")
    done = run("plot", "log.nc", "--what", "husimi", "--at", "all", "-o", "film.txt", "--force", "--quiet")
    check(done.returncode == 0 and not done.stdout and os.path.exists(os.path.join(WORK, "film-0001.txt")),
          f"--force: {done.stderr}")
    if not shutil.which("gnuplot"):
        return
    done = run("plot", "log.nc", "--what", "wigner", "--at", "all")
    check(done.stdout == "log-wigner-0001.png\nlog-wigner-0002.png\n", f"names: {done.stdout}{done.stderr}")
    frames = [read(name) for name in done.stdout.split()]
    check(frames[0] != frames[1] and png_size(frames[0]) == png_size(frames[1]), "frames of one size")


def test_protocol():
    """Time below in place of collisions, the stages shaded and named."""
    example = os.path.join(os.environ["UM_SOURCE_DIR"], "examples", "protocol.yaml")
    done = run("run", example, "-o", "protocol.nc", "--quiet")
    check(done.returncode == 0, f"protocol: {done.stderr}")
    done = run("plot", "protocol.nc", "--format", "text")
    for word in (" store ", "~~", "time", "4800"):
        check(word in done.stdout, f"'{word}' is not in the text")
    check("collisions" not in done.stdout, "collisions as an axis of a protocol")
    if not shutil.which("gnuplot"):
        return
    done = run("plot", "protocol.nc")
    check(done.returncode == 0 and not done.stderr, f"plot protocol.nc: {done.stderr}")
    svg = read("protocol.svg").decode()
    text = re.sub("<[^>]*>", "", svg)
    for word in ("charge", "store", "discharge", "time / 1/ω"):
        check(word in text, f"'{word}' is not in protocol.svg")
    for shade in ((232, 241, 250), (241, 241, 241), (253, 238, 226)):
        check(str(shade).replace(" ", "") in svg.replace(" ", ""), f"a stage is not shaded {shade}")


def main():
    make("log", 10000, "log")
    make("every", 30, "every")
    make("fano", 30, "every", "fano")
    make("all", 200, "log", "energy, populations")
    for part in ("energy", "purity", "ergotropy_incoherent"):
        make(part, 50, "log", part)
    test_text()
    test_terminal()
    test_refusals()
    test_gnuplot()
    test_film()
    test_protocol()
    shutil.rmtree(WORK)
    sys.exit(1 if failures else 0)


main()
