"""What users meet when something is wrong with the disk, the terminal, the machine or the request:
a reason and an exit code, one JSON object where asked for, and nothing lost."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios

UMASER = os.environ["UMASER"]
JOB = "atoms: {q: 0.25, c: 1}\ninteraction: {theta: 1.0}\nstages: [{charge: 30}]\n"
failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what)


def run(*arguments, command="run", prefix=(), cwd=None, **environment):
    done = subprocess.run([*prefix, UMASER, command, *arguments], cwd=cwd, timeout=120,
                          capture_output=True, env={**os.environ, **environment})
    return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")


def refused(what, code, words, *arguments, partial=False, **options):
    """That exit code and those words: as text, and as one JSON object with the same message.
    partial: what was found until then stands on stdout."""
    got, out, err = run(*arguments, **options)
    expect(got == code and all(word in err for word in words),
           f"{what}: exit {got} instead of {code}, {err!r} without one of {words}")
    expect((out != "") == partial, f"{what}: stdout has {out!r}")
    got, out, err = run(*arguments, "--json", **options)
    try:
        data = json.loads(out)
        error = data["error"]
        expect(got == code and error["code"] == code and data["status"] != "done",
               f"{what} --json: exit {got}, {data['status']}, {error}")
        expect({"code", "key", "line", "message"} <= set(error), f"{what} --json: {error}")
        said = f"{error.get('file')} {error['key']} {error['message']}"
        expect(all(word in said for word in words), f"{what} --json: {error}")
        expect(("series" in data and len(data["series"]["energy"]) > 10) == partial,
               f"{what} --json: series {data.get('series')}")
    except (ValueError, KeyError, TypeError) as wrong:
        expect(False, f"{what} --json: {wrong!r}: {out!r}")


def write(name, text=JOB):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def snapshot(path):
    with open(path, "rb") as file:
        return file.read()


def requests():
    """What is asked for cannot be had."""
    refused("unknown --set key", 2, ["atoms.qq", "atoms.q"], "job.yaml", "--set", "atoms.qq=0.5")
    refused("unknown observable", 2, ["record.observables", "ergotropi", "ergotropy"],
            "job.yaml", "--set", "record.observables=[energy, ergotropi]")
    refused("more records than memory", 2, ["record.at", "GB"], "job.yaml",
            "--set", "record.at=every", "--set", "stages[0].charge=1e15")
    refused("10^12 levels", 2, ["battery.levels", "20000"], "job.yaml",
            "--set", "battery.levels=1e12")
    refused("no configuration", 4, ["nothing.yaml", "No such file"], "nothing.yaml")
    refused("a directory as configuration", 4, ["directory"], ".")
    refused("too few levels", 3, ["battery.levels", "level 89", "collision "], "job.yaml", "--force",
            "--set", "battery.levels=90", "--set", "interaction.theta=0.2",
            "--set", "stages[0].charge=1000", partial=True)
    refused("too few levels for auto", 3, ["battery.max_levels", "level 89", "collision "],
            "job.yaml", "--force", "--set", "battery.max_levels=90",
            "--set", "interaction.theta=0.2", "--set", "stages[0].charge=1000", partial=True)
    refused("unknown option", 2, ["--fast"], "job.yaml", "--fast")
    refused("an option of another command", 2, ["format"], "job.yaml", "--format", "svg")
    refused("two files", 2, ["b.yaml"], "job.yaml", "b.yaml")
    refused("no file", 2, ["which file"])
    for value in ("0", "-1", "two", "1e3", "9999999"):
        refused(f"--threads {value}", 2, ["--threads", value], "job.yaml", "--threads", value)
    refused("--seed -1", 2, ["--seed"], "job.yaml", "--seed", "-1")
    refused("a sweep of what?", 2, ["section sweep", "linspace"], "job.yaml", command="sweep")
    refused("unknown command", 2, ["ruin"], "job.yaml", command="ruin")


def initial_states():
    """Result files that are none, or of another version."""
    write("junk.nc", "not a result at all\n" * 100)
    write("empty.nc", "")
    code, _, err = run("job.yaml", "-o", "start.nc", "--quiet")
    expect(code == 0, f"start.nc: {err}")
    whole = snapshot("start.nc")
    with open("cut.nc", "wb") as file:
        file.write(whole[:len(whole) // 2])
    for name in ("junk.nc", "empty.nc", "cut.nc", "missing.nc"):
        refused(f"initial state from {name}", 4, [name], "job.yaml", "-o", "x.nc",
                "--set", f"battery.initial={{file: {name}}}")
    refused("a collision that is not in the file", 2, ["battery.initial"], "job.yaml", "-o", "x.nc",
            "--set", "battery.initial={file: start.nc, record: 999}")
    expect(not os.path.exists("x.nc"), "a refused run left x.nc")


def existing_output():
    before = snapshot("start.nc")
    refused("existing output", 4, ["start.nc", "--force"], "job.yaml", "-o", "start.nc")
    expect(snapshot("start.nc") == before, "the existing result changed")
    os.mkdir("folder.nc")
    refused("a directory as output", 4, ["folder.nc", "directory"], "job.yaml", "-o", "folder.nc")
    refused("a device as output", 4, ["/dev/null", "regular file"], "job.yaml", "-o", "/dev/null",
            "--force")
    refused("the configuration as output", 4, ["job.yaml", "configuration"], "job.yaml",
            "-o", "job.yaml", "--force")
    expect(snapshot("job.yaml").decode() == JOB, "the configuration was overwritten")
    refused("no such directory", 4, ["nowhere"], "job.yaml", "-o", "nowhere/x.nc")
    refused("a name too long", 4, ["File name too long"], "job.yaml", "-o", "n" * 300 + ".nc")


def unwritable_directory():
    os.mkdir("locked")
    write("locked/job.yaml")
    os.chmod("locked", 0o555)
    prefix = ()
    if os.geteuid() == 0:
        prefix = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
        if not shutil.which("setpriv") or subprocess.run([*prefix, UMASER, "--version"],
                                                         capture_output=True).returncode != 0:
            print("skipped: unwritable directory (root, and no way to be somebody else)")
            return
        os.chmod(".", 0o755)
    refused("unwritable directory", 4, ["locked", "Permission denied"], "locked/job.yaml",
            prefix=prefix)
    expect(os.listdir("locked") == ["job.yaml"], f"left: {os.listdir('locked')}")


def full_disk():
    """Room for no result: a reason, the earlier result intact, this one rescued elsewhere."""
    os.mkdir("rescue")
    os.mkdir("small")
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", "small"],
        capture_output=True).returncode == 0
    if not mounted:
        print("a limit of the file size instead of a small disk (no right to mount one)")
    try:
        # A result takes about 100 kB; without a small disk, the limit of a file's size does it.
        limit = () if mounted else ("bash", "-c", 'trap "" XFSZ; ulimit -f 16; exec "$@"', "-")
        write("small/old.nc", "an earlier result\n")
        for suffix in (".nc", ".csv"):
            words = ["small/old" + suffix]
            if not mounted and suffix == ".csv":
                continue # a CSV file may be smaller than the limit
            write("small/old" + suffix, "an earlier result\n")
            more = ("--set", "record.at=every", "--set", "stages[0].charge=400")
            code, out, err = run("job.yaml", "-o", "small/old" + suffix, "--force", *more,
                                 prefix=limit, TMPDIR=os.path.abspath("rescue"))
            expect(code == 4 and all(word in err for word in words), f"full disk: {code} {err}")
            expect("No space left" in err or "File too large" in err, f"full disk: {err}")
            expect(out == "", f"full disk: {out}")
            expect(snapshot("small/old" + suffix) == b"an earlier result\n", "the old result is lost")
            expect(set(os.listdir("small")) <= {"old.nc", "old.csv"}, f"left: {os.listdir('small')}")
            if mounted:
                found = re.search(r"(\S*umaser-rescued\S*)", err)
                expect(found and os.path.getsize(found.group(1)) > 1000, f"nothing rescued: {err}")
        code, out, err = run("job.yaml", "-o", "small/old.nc", "--force", "--json", *more,
                             prefix=limit, TMPDIR=os.path.abspath("rescue"))
        data = json.loads(out)
        expect(code == 4 and data["error"]["code"] == 4, f"full disk --json: {code} {data['error']}")
        expect(len(data["series"]["energy"]) == 401, "full disk --json: the series are missing")
    finally:
        if mounted:
            subprocess.run(["umount", "small"], check=False)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([UMASER, "run", "job.yaml", "-o", "y.nc"], stdout=full,
                              stderr=subprocess.PIPE, timeout=60)
    expect(done.returncode == 4 and b"standard output" in done.stderr, f"/dev/full: {done}")


def same_file_at_once():
    """The second is told at once; the first is not disturbed."""
    first = subprocess.Popen([UMASER, "run", "job.yaml", "-o", "same.nc", "--quiet",
                              "--set", "stages[0].charge=1e12", "--set", "accuracy.method=step"],
                             stderr=subprocess.DEVNULL)
    for _ in range(3000):
        if os.path.exists("same.nc.lock"):
            break
        select.select([], [], [], 0.01)
    refused("two runs writing the same file", 4, ["same.nc", "another run"], "job.yaml",
            "-o", "same.nc")
    refused("two runs, --force", 4, ["same.nc", "another run"], "job.yaml", "-o", "same.nc",
            "--force")
    expect(first.poll() is None, "the first run was disturbed")
    first.terminate()
    expect(first.wait(timeout=60) == 143, f"the first run ended with {first.returncode}")
    expect(os.path.exists("same.nc") and not os.path.exists("same.nc.lock"), "the first's files")


def german_locale():
    """The same characters everywhere; the locale is made if the machine has none."""
    environment = {"LC_ALL": "de_DE.UTF-8"}
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.lower()
    if "de_de.utf" not in known:
        os.mkdir("locales")
        made = shutil.which("localedef") and subprocess.run(
            ["localedef", "-i", "de_DE", "-f", "UTF-8", "locales/de_DE.UTF-8"],
            capture_output=True).returncode == 0
        if not made:
            print("skipped: German locale (cannot be made here)")
            return
        environment["LOCPATH"] = os.path.abspath("locales")
    texts = []
    for i, more in enumerate(({"LC_ALL": "C"}, environment)):
        code, out, err = run("job.yaml", "-o", f"locale{i}.csv", "--json", **more)
        expect(code == 0 and err == "", f"{more}: exit {code}: {err}")
        data = json.loads(out)
        del data["wall_seconds"]
        texts.append((json.dumps(data), snapshot(f"locale{i}.csv"),
                      run("job.yaml", command="check", **more)[1]))
    expect(texts[0] == texts[1], "the German locale changes numbers")


def in_terminal(columns, *arguments, command="run", bars=None):
    """Exit code and what a terminal that wide was sent; ended after so many progress bars."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    process = subprocess.Popen([UMASER, command, *arguments], stdin=slave, stdout=slave,
                               stderr=slave, env=environment)
    os.close(slave)
    seen = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if bars is not None and seen.count(b"\x1b[K") >= bars:
            process.terminate()
            bars = None
    os.close(master)
    return process.wait(timeout=60), seen.decode(errors="replace")


def terminals():
    for columns in (20, 80, 1):
        code, seen = in_terminal(columns, "job.yaml", "-o", f"t{columns}.nc",
                                 "--set", "stages[0].charge=1e12", "--set", "accuracy.method=step",
                                 bars=3)
        expect(code == 143, f"{columns} columns: exit {code}: {seen[-300:]}")
        if columns in (20, 80):
            bars = re.findall(r"\r([^\r\n]*?)\x1b\[K", seen)
            drawn = [bar for bar in bars if "%" in bar]
            expect(drawn, f"{columns} columns: no progress was drawn")
            expect(all(len(bar) < columns for bar in drawn), f"{columns} columns: {drawn[:3]}")
            expect(bars and bars[-1] == "", f"{columns} columns: the bar is not cleared")
            code, seen = in_terminal(columns, f"t{columns}.nc", "--format", "text", command="plot")
            expect(code == 0, f"plot in {columns} columns: exit {code}: {seen}")
            plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", seen)
            widest = max(len(line.rstrip("\r")) for line in plain.split("\n"))
            expect(0 < widest <= columns, f"plot in {columns} columns is {widest} wide")
    code, out, err = run("t80.nc", "--format", "text", command="plot", COLUMNS="")
    expect(code == 0 and out and "\x1b" not in out, f"plot without a terminal: {code} {err}")
    code, out, err = run("job.yaml", "-o", "t.nc")
    expect(code == 0 and "\r" not in err and "\x1b" not in out + err, f"no terminal: {err!r}")
    closed = subprocess.run(["bash", "-c", '"$@" <&- 2>&-', "-", UMASER, "run", "job.yaml", "-o",
                             "closed.nc"], capture_output=True, timeout=60)
    expect(closed.returncode == 0, f"stdin and stderr closed: exit {closed.returncode}")
    closed = subprocess.run(["bash", "-c", '"$@" <&- >&-', "-", UMASER, "run", "job.yaml", "-o",
                             "closed.csv", "--json"], stderr=subprocess.PIPE, timeout=60)
    expect(closed.returncode == 4 and b"standard output" in closed.stderr,
           f"stdout closed: exit {closed.returncode}, {closed.stderr}")
    expect("{" not in snapshot("closed.csv").decode(), "what was for stdout is in the result")


def options():
    code, out, err = run("job.yaml", "-o", "quiet.nc", "--quiet")
    expect((code, out, err) == (0, "", ""), f"--quiet says {out!r} {err!r}")
    code, out, err = run("job.yaml", "-o", "json.nc", "--json", "--threads", "2", "--seed", "7")
    expect(code == 0 and err == "" and json.loads(out)["status"] == "done", f"--json: {err}")
    expect(out.count("\n") >= 1 and out.lstrip().startswith("{"), "stdout is not one object")
    code, out, err = run("job.yaml", "-o", "plain.nc")
    expect(code == 0 and "plain.nc" in out, f"the summary does not name the file: {out}")
    write("beside.yaml")
    job, where = os.path.abspath("beside.yaml"), os.path.abspath("elsewhere")
    os.mkdir(where)
    code, out, err = run(job, "--quiet", cwd=where)
    expect(code == 0 and os.path.exists("beside.nc") and not os.listdir(where),
           "results are not beside the configuration")


with tempfile.TemporaryDirectory() as work:
    os.chdir(work)
    write("job.yaml")
    for check in (requests, initial_states, existing_output, unwritable_directory, full_disk,
                  same_file_at_once, german_locale, terminals, options):
        check()
    left = [name for name in os.listdir(".") if name.endswith((".tmp", ".lock"))]
    expect(not left, f"temporary files are left: {left}")
    os.chdir("/")
sys.exit(bool(failures))
