"""umaser sweep as a user sees it: points equal single runs, nothing is lost, bits never change."""
import csv
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

UMASER = os.environ["UMASER"]
EFFORT = int(os.environ.get("UM_TEST_EFFORT", "1"))
WORK = tempfile.mkdtemp()
os.chdir(WORK)
failures = 0


def check(condition, text):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", text)


def umaser(*arguments, **options):
    done = subprocess.run([UMASER, *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options)
    return done.returncode, done.stdout, done.stderr


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def table(name):
    with open(name, newline="") as file:
        return list(csv.DictReader(file))


def content(name):
    with open(name, "rb") as file:
        return file.read()


GRID = """
atoms: {q: 0.25, c: 1}
stages: [{charge: 300}]
sweep:
  axes:
    - {key: interaction.theta, linspace: [0.8, 2.2, 15]}
    - {key: atoms.q, values: [0.3, 0.5, 0.7, 0.85]}
"""


def test_points_are_single_runs():
    write("grid.yaml", GRID)
    code, out, err = umaser("sweep", "grid.yaml", "-o", "grid.csv", "--threads", "2")
    check(code == 0, f"sweep: exit {code}: {err}")
    check(not os.path.exists("grid.csv.journal"), "the journal of a complete sweep is taken away")
    rows = table("grid.csv")
    check(len(rows) == 60, f"{len(rows)} rows")
    random.seed(7)
    for row in random.sample(rows, 8):
        write("one.yaml", GRID[:GRID.index("sweep:")])
        code, out, err = umaser("run", "one.yaml", "--json", "-f",
                                "--set", "interaction.theta=" + row["interaction.theta"],
                                "--set", "atoms.q=" + row["atoms.q"])
        check(code == 0, f"run: exit {code}: {err}")
        result = json.loads(out)
        plateau = result["plateau"] or {}
        expected = {"plateau_energy": plateau.get("energy"),
                    "plateau_ergotropy": plateau.get("ergotropy"),
                    "plateau_purity": plateau.get("purity"),
                    "charging_time": plateau.get("charging_time"),
                    "final_energy": result["series"]["energy"][-1],
                    "final_ergotropy": result["series"]["ergotropy"][-1],
                    "final_purity": result["series"]["purity"][-1]}
        for name, value in expected.items():
            found = float(row[name]) if row[name] else None
            same = found is value if None in (found, value) else abs(found - value) <= 1e-12
            check(same, f"{name}: {found} and {value}")


def test_same_bits():
    """Threads, shards and their order, stops in between."""
    for threads in ("1", "3"):
        umaser("sweep", "grid.yaml", "-o", f"t{threads}.csv", "--threads", threads, "--quiet")
        check(content(f"t{threads}.csv") == content("grid.csv"), f"{threads} threads: other bits")
    for shard in (3, 1, 2):
        code, out, err = umaser("sweep", "grid.yaml", "-o", f"s{shard}.nc", "--shard", f"{shard}/3")
        check(code == 0 and "merge" in out, f"shard: exit {code}: {out}{err}")
        check(not os.path.exists(f"s{shard}.nc"), "a shard writes no result")
    code, out, err = umaser("merge", "-o", "part.csv", "s1.nc", "s3.nc")
    check(code == 0 and not os.path.exists("part.csv") and "40 of 60" in out, f"incomplete merge: exit {code}: {err}")
    code, out, err = umaser("merge", "-o", "merged.csv", "s1.nc", "s2.nc.journal", "s3.nc")
    check(code == 0, f"merge: exit {code}: {err}")
    check(content("merged.csv") == content("grid.csv"), "merged shards: other bits")


def test_kernels():
    """Shards of one kernel path are merged wherever; none goes on with another."""
    base = dict(os.environ, UMASER_KERNEL="reference")
    for shard in ("1", "2"):
        code, out, err = umaser("sweep", "grid.yaml", "-o", f"k{shard}.nc", "--shard", f"{shard}/2", env=base)
        check(code == 0 and "kernels reference" in out, f"kernel: exit {code}: {out}{err}")
    code, out, err = umaser("merge", "-o", "kernels.csv", "k1.nc", "k2.nc", "--quiet",
                            env=dict(os.environ, UMASER_KERNEL="avx2"))
    check(code == 0, f"merge elsewhere: exit {code}: {err}")
    umaser("sweep", "grid.yaml", "-o", "reference.csv", "--quiet", env=base)
    check(content("kernels.csv") == content("reference.csv"), "merged shards: other bits")
    code, out, err = umaser("sweep", "grid.yaml", "-o", "k1.nc", "--shard", "1/2",
                            env=dict(os.environ, UMASER_KERNEL="avx2"))
    check(code == 2 and "reference" in err or "avx2" not in machine(), f"another kernel: exit {code}: {err}")
    code, out, err = umaser("sweep", "grid.yaml", "-o", "k1.nc", "--shard", "1/2")
    check(code == 0 and "kernels reference" in out, f"a resume keeps its kernels: exit {code}: {out}{err}")


def machine():
    with open("/proc/cpuinfo") as file:
        return file.read()


LONG = GRID.replace("charge: 300", "charge: 3000") + "accuracy: {method: step}\n"


def test_killed():
    """SIGKILL at any moment, then the same command."""
    write("long.yaml", LONG)
    umaser("sweep", "long.yaml", "-o", "whole.csv", "--quiet")
    random.seed(11)
    started = time.monotonic()
    umaser("sweep", "long.yaml", "-o", "again.csv", "--quiet")
    latest = (time.monotonic() - started) / 3
    check(content("again.csv") == content("whole.csv"), "twice the same: other bits")
    name = "killed.csv"
    kills = 0
    while kills < 8 * EFFORT:
        job = subprocess.Popen([UMASER, "sweep", "long.yaml", "-o", name, "--quiet", "--threads", "2"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(random.uniform(0, latest))
        job.send_signal(signal.SIGKILL)
        err = job.communicate()[1]
        kills += job.returncode == -signal.SIGKILL
        if job.returncode == 0:
            latest /= 2  # the machine has become faster than it was
        if job.returncode == 0 or os.path.exists(name):
            check(content(name) == content("whole.csv"), "after kills: other bits")
            os.unlink(name)
        else:
            check(job.returncode == -signal.SIGKILL, f"exit {job.returncode}: {err}")
            if job.returncode != -signal.SIGKILL:
                break
    code, out, err = umaser("sweep", "long.yaml", "-o", name, "--quiet")
    check(code == 0, f"after kills: exit {code}: {err}")
    check(content(name) == content("whole.csv"), "after kills: other bits")


def test_interrupted_and_status():
    text = LONG.replace("3000", "200000")
    write("slow.yaml", text)
    job = subprocess.Popen([UMASER, "sweep", "slow.yaml", "-o", "slow.nc", "--json"],
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(200):
        time.sleep(0.05)
        if os.path.exists("slow.nc.journal-wal"):
            break
    code, out, err = umaser("sweep", "slow.yaml", "-o", "slow.nc")
    check(code == 4 and "another" in err, f"a second sweep: exit {code}: {err}")
    code, out, err = umaser("sweep", "--status", "slow.nc", "--json")
    status = json.loads(out) if code == 0 else {}
    check(status.get("points") == 60 and not status.get("complete", True), f"status: {code} {out}{err}")
    job.send_signal(signal.SIGTERM)
    out, err = job.communicate()
    check(job.returncode == 143 and json.loads(out)["status"] == "interrupted",
          f"SIGTERM: exit {job.returncode}: {err}")
    code, out, err = umaser("sweep", "--status", "slow.nc")
    check(code == 0 and "of 60 points" in out, f"status: {out}{err}")
    for arguments in (["slow.yaml"], ["grid.yaml", "-o", "slow.nc"]):
        code, out, err = umaser("sweep", "--status", *arguments)
        check(code == 0 and "of 60 points" in out, f"status by configuration: {out}{err}")
    code, out, err = umaser("sweep", "slow.yaml", "-o", "slow.nc", "--set", "atoms.phase=0.5")
    check(code == 2 and "another sweep" in err and "phase" in err, f"another sweep: {code} {err}")
    code, out, err = umaser("sweep", "slow.yaml", "-o", "slow.nc", "--shard", "1/2")
    check(code == 2 and "shard" in err, f"another shard: {code} {err}")


def test_failed_points():
    write("fails.yaml", """
battery: {levels: 40}
atoms: {q: 0.25}
interaction: {theta: 1}
stages: [{charge: 1000}]
sweep:
  axes: [{key: atoms.c, values: [0, 0.99, 1, 2]}]
""")
    code, out, err = umaser("sweep", "fails.yaml", "-o", "fails.csv", "--json")
    result = json.loads(out)
    check(code == 3 and result["failed"] == 2 and result["done"] == 4, f"exit {code}: {out}{err}")
    check([failure["point"] for failure in result["failures"]] == [0, 3], f"{result['failures']}")
    check("atoms.c" in result["failures"][1]["message"], f"{result['failures']}")
    check("levels" in result["failures"][0]["message"], f"{result['failures']}")
    check("point 0" in err and "point 3" in err, f"{err}")
    rows = table("fails.csv")
    check([row["status"] for row in rows] == ["accuracy", "done", "done", "configuration"], f"{rows}")
    check(rows[1]["final_energy"] and not rows[3]["final_energy"], f"{rows}")
    code, out, err = umaser("sweep", "fails.yaml", "-o", "fails.csv")
    check(code == 4 and "--retry-failed" in err, f"again: {code} {err}")
    code, out, err = umaser("sweep", "fails.yaml", "-o", "fails.csv", "--retry-failed")
    check(code == 3 and "2 failed points are tried again" in err, f"retry: {code} {err}")


def test_damaged_journals():
    """Clear words, and the file stays as it is."""
    umaser("sweep", "grid.yaml", "-o", "base.nc", "--shard", "1/2")
    good = content("base.nc.journal")

    def refused(name, image, word):
        with open("bad.nc.journal", "wb") as file:
            file.write(image)
        code, out, err = umaser("sweep", "grid.yaml", "-o", "bad.nc", "--shard", "1/2")
        check(code == 4 and word in err and len(err.splitlines()) == 1, f"{name}: {code} {err}")
        check(content("bad.nc.journal") == image, f"{name}: the journal was changed")
        code, out, err = umaser("sweep", "--status", "bad.nc")
        check(code in (0, 4), f"{name}: status: {code} {err}")
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists("bad.nc.journal" + suffix):
                os.unlink("bad.nc.journal" + suffix)

    refused("a text", b"this is a text\n" * 1000, "not a journal")
    refused("truncated", good[:len(good) // 2], "journal")
    middle = bytearray(good)
    for i in range(4096, len(middle), 5):
        middle[i] ^= 0x55
    refused("scrambled", bytes(middle), "journal")
    shutil.copy("base.nc.journal", "old.nc.journal")
    base = sqlite3.connect("old.nc.journal")
    base.execute("UPDATE meta SET value = 99 WHERE name = 'format'")
    base.commit()
    base.execute("PRAGMA journal_mode = DELETE")
    base.close()
    refused("another version", content("old.nc.journal"), "layout 99")
    base = sqlite3.connect("other.db")
    base.execute("CREATE TABLE t (x)")
    base.commit()
    base.close()
    refused("another database", content("other.db"), "journal")


def test_no_room():
    """A disk that is full half way: said so, and gone on with when there is room."""
    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))

    code, out, err = umaser("sweep", "grid.yaml", "-o", "full.csv", "--set",
                            "sweep.axes[0].linspace=[0.8,2.2,200]", preexec_fn=small)
    check(code == 4 and "journal" in err, f"no room: exit {code}: {err}")
    code, out, err = umaser("sweep", "grid.yaml", "-o", "full.csv", "--set",
                            "sweep.axes[0].linspace=[0.8,2.2,200]", "--threads", "2")
    check(code == 0, f"room again: exit {code}: {err}")
    check(len(table("full.csv")) == 800, "all points")


def test_plans():
    """Zipped axes, points from a file, texts as values, logspace; and what is refused."""
    write("points.csv", "interaction.theta, atoms.q\npi/sqrt(10), 0.25\n{trap: 16, half_turns: 1}, 0.3\n")
    write("plans.yaml", """
atoms: {c: 1}
stages: [{charge: 200}]
sweep: {points: points.csv, summaries: [final_energy], series: [energy]}
""")
    code, out, err = umaser("sweep", "plans.yaml", "-o", "plans.csv")
    rows = table("plans.csv") if code == 0 else []
    check(code == 0 and len(rows) == 2, f"points: exit {code}: {err}")
    check(abs(float(rows[0]["final_energy"]) - 3.93) < 0.01 if rows else False, f"{rows}")
    last = [name for name in rows[0] if name.startswith("energy_")][-1]
    check(rows[1][last] == rows[1]["final_energy"], "the series ends with the final energy")
    write("zip.yaml", """
stages: [{charge: 100}]
sweep:
  mode: zip
  axes:
    - {key: interaction.theta, logspace: [0.5, 2, 3]}
    - {key: battery.initial, values: [vacuum, {fock: 2}, {thermal: 0.5}]}
""")
    code, out, err = umaser("sweep", "zip.yaml", "-o", "zip.csv")
    rows = table("zip.csv") if code == 0 else []
    check([row["interaction.theta"] for row in rows] == ["0.5", "1", "2"], f"zip: {code} {err}{rows}")
    for mode in ("grid", "zip"):
        write("names.yaml", """
interaction: {theta: 1}
stages: [{charge: 20}]
sweep:
  mode: %s
  axes: [{key: "stages[0].until.energy", values: [50, 60]}, {key: record, values: [{at: log}, {at: [0]}]}]
  series: [energy]
""" % mode)
        code, out, err = umaser("sweep", "names.yaml", "-o", mode + ".nc")
        check(code in (0, 3) and os.path.exists(mode + ".nc"), f"names that are taken: {code} {err}")

    def refused(sweep, word):
        write("wrong.yaml", "interaction: {theta: 1}\nstages: [{charge: 10}]\nsweep: " + sweep + "\n")
        code, out, err = umaser("sweep", "wrong.yaml")
        check(code == 2 and word in err and err.startswith("wrong.yaml:"), f"{sweep}: {code} {err}")

    refused("{axes: []}", "an empty list")
    refused("{mode: grid}", "axes are missing")
    refused("{axes: [{key: atoms.q}]}", "exactly one of")
    refused("{axes: [{key: atoms.qq, values: [1]}]}", "atoms.q")
    refused("{axes: [{keys: atoms.q, values: [1]}]}", "unknown key")
    refused("{axes: [{key: atoms.q, linspace: [0, 1]}]}", "[first, last, count]")
    refused("{axes: [{key: atoms.q, logspace: [0, 1, 3]}]}", "both > 0")
    refused("{axes: [{key: atoms.q, values: [0]}, {key: atoms.q, values: [1]}]}", "already")
    refused("{axes: [{key: atoms.q, values: [0, 1]}], summaries: [lifetime]}", "analysis: steady")
    refused("{axes: [{key: atoms.q, values: [0, 1]}], summaries: [plateau]}", "unknown summary")
    refused("{axes: [{key: atoms.q, values: [0, 1]}], summaries: none}", "nothing would be kept")
    refused("{axes: [{key: atoms.q, values: [0, 1]}, {key: atoms.c, values: [0]}], mode: zip}", "mode zip")
    write("none.yaml", "interaction: {theta: 1}\nstages: [{charge: 10}]\n")
    code, out, err = umaser("sweep", "none.yaml")
    check(code == 2 and "linspace" in err, f"no section: {code} {err}")


def test_steady():
    write("steady.yaml", """
atoms: {q: 0.25}
interaction: {theta: 1}
stages: [{charge: 1000}]
sweep: {axes: [{key: atoms.c, values: [0.9, 1]}], analysis: steady}
""")
    code, out, err = umaser("sweep", "steady.yaml", "-o", "steady.csv")
    rows = table("steady.csv") if code == 0 else [{}, {}]
    check(code == 0, f"steady: exit {code}: {err}")
    for row, leak in zip(rows, (2.8818e-10, 1.9066e-14)):
        check(abs(float(row.get("lifetime") or 0) * leak - 1) < 1e-3, f"lifetime: {row}")


for name, test in sorted(globals().copy().items(), key=lambda item: getattr(item[1], "__code__", test_steady.__code__).co_firstlineno):
    if name.startswith("test_"):
        test()
shutil.rmtree(WORK)
raise SystemExit(failures != 0)
