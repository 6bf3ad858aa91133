"""umaser steady: what it prints, writes and refuses, as a user sees it."""
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

UMASER = os.environ["UMASER"]
WORK = tempfile.mkdtemp()
TRAP = """
atoms: {q: 0.25, c: 1.0}
interaction: {theta: {trap: 9, half_turns: 1}}
stages: [charge: 10]
accuracy: {horizon: 1e6}
"""
NEAR = """
atoms: {q: 0.25, c: 1.0}
interaction: {theta: 1.0}
stages: [charge: 10]
"""
CLIMB = """
battery: {max_levels: 40}
atoms: {q: 0.25, c: 0.0}
interaction: {theta: 1.0}
stages: [charge: 10]
"""
failures = []


def check(condition, text):
    if not condition:
        failures.append(text)
        print("FAILED:", text)


def close(found, expected, relative=1e-6):
    return found is not None and abs(found - expected) <= relative * abs(expected)


# Nothing but progress, which is shown where a machine is slow.
QUIET = r"\A(umaser: [^\n]*%[^\n]*\s*)*\Z"


def run(*arguments, code=0, pattern="", **environment):
    done = subprocess.run([UMASER, *arguments], cwd=WORK, text=True, encoding="utf-8", timeout=300,
                          env={**os.environ, **environment},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(done.returncode == code, f"{arguments}: exit code {done.returncode}, expected {code}: {done.stderr}")
    check(re.search(pattern, done.stderr), f"{arguments}: /{pattern}/ is not in: {done.stderr}")
    return done


def steady(*arguments, **expected):
    done = run("steady", *arguments, "--json", **expected)
    refuse = lambda word: check(False, f"{arguments}: {word} in JSON")
    check(done.stdout.count("\n") == 1, f"{arguments}: JSON is one line")
    return json.loads(done.stdout, parse_constant=refuse)


def test_near_trap():
    result = steady("near.yaml")
    check(result["status"] == "done", "status")
    plateau, limit = result["plateau"], result["limit"]
    check(close(plateau["energy"], 3.87808) and close(plateau["purity"], 0.999558), f"plateau {plateau}")
    check(14 <= plateau["charging_time"] <= 16, f"charging time {plateau}")
    check(close(plateau["lifetime"], 1 / 1.9066e-14, 1e-4), f"lifetime {plateau}")
    check(plateau["exact"] is False and plateau["band_exit"] == plateau["end"] + 1, f"band {plateau}")
    check(limit["status"] == "escapes" and limit["level"] > 10, f"limit {limit}")
    lowest = result["chambers"][0]
    check((lowest["first"], lowest["last"], lowest["exact"]) == (0, 9, False), f"chamber {lowest}")
    check(close(lowest["leak_per_collision"], 1.9066e-14, 1e-4), f"leak {lowest}")
    check(close(lowest["energy"], 3.87301, 2e-6), f"energy {lowest}")
    check(close(1 - lowest["population"], 2.2e-4, 0.01), f"population {lowest}")
    moduli, times = result["eigenvalue_moduli"], result["relaxation_collisions"]
    check(len(moduli) == len(times) >= 10, "ten eigenvalues")
    check(moduli == sorted(moduli, reverse=True) and moduli[0] == 1, f"moduli {moduli}")
    for modulus, relaxation in zip(moduli, times):
        check(relaxation is None or relaxation > 0, f"relaxation {relaxation}")
        if relaxation and modulus < 0.999:
            check(close(relaxation, -1 / math.log(modulus)), f"{relaxation} of {modulus}")
    series = result["run"]["series"]
    check(series["collision"][-1] == 10**15, "the run goes to the horizon")
    check("populations" not in series, "populations nobody asked for")
    fewer = steady("near.yaml", "--eigenvalues", "3")
    check(fewer["eigenvalue_moduli"][:3] == moduli[:3], "three of the same eigenvalues")
    near = steady("near.yaml", "--set", "accuracy.horizon=1e5")
    check(near["limit"]["status"] == "escapes" and near["limit"]["level"] == 10, f"{near['limit']}")


def test_exact_trap():
    result = steady("trap.yaml")
    check(result["limit"]["status"] == "reached", f"limit {result['limit']}")
    check(close(result["limit"]["energy"], 3.93085044), f"limit {result['limit']}")
    check(result["limit"]["level"] is None, "no level to escape through")
    plateau = result["plateau"]
    check(plateau["lifetime"] is None and plateau["exact"] is True, f"plateau {plateau}")
    check(plateau["band_exit"] is None and plateau["end"] is None, f"plateau {plateau}")
    check(result["chambers"][0]["exact"] is True, "exact chamber")
    again = steady("trap.yaml", "--set", "accuracy.plateau_tolerance=0.005")
    check(again["plateau"]["charging_time"] > plateau["charging_time"], "tolerance")


def test_text():
    text = run("steady", "near.yaml", pattern=QUIET).stdout
    for line in (r"plateau from collision 1[46] to 1\.7\d+e\+11", r"energy +3\.8780[78]", r"lifetime +5\.24\d+e\+13",
                 r"limit: none, it escapes through level \d+", r"0-9 +near +0\.99978 +3\.87301 +1 +1\.9066e-14",
                 r"leading modes of \d+ levels", r"1 +0 +for ever"):
        check(re.search(line, text), f"/{line}/ is not in\n{text}")
    lines = [line for line in text.splitlines() if not line.startswith("  fast-forward")]
    check(max(map(len, lines)) <= 100, "lines are short")
    text = run("steady", "trap.yaml").stdout
    check("limit: reached" in text and "lifetime               for ever" in text, text)
    check(run("steady", "trap.yaml", "--quiet").stdout == "", "quiet")
    check(not os.path.exists(os.path.join(WORK, "trap.nc")), "a file that nobody asked for")


def test_climb():
    done = run("steady", "climb.yaml")
    check("climbs on" in done.stdout and "warning:" in done.stdout, done.stdout)
    result = steady("climb.yaml")
    check(result["status"] == "done" and result["limit"]["status"] == "escapes", "escapes is an answer")
    check(result["run"]["status"] == "accuracy", "the run ended early")
    check(any("max_levels" in text for text in result["warnings"]), f"{result['warnings']}")
    # No climb, and still not enough room: nothing can be said.
    for json_too in (False, True):
        arguments = ["climb.yaml", "--set", "atoms.q=0.52", "--set", "battery.max_levels=20"]
        if json_too:
            result = steady(*arguments, code=3, pattern="battery.max_levels")
            check(result["limit"]["status"] == "undecided", f"{result['limit']}")
            check(result["status"] == "accuracy" and result["error"]["code"] == 3, "the error in JSON")
            check(result["run"]["series"]["energy"], "the series so far")
        else:
            done = run("steady", *arguments, code=3, pattern="max_levels")
            check("limit: undecided" in done.stdout, done.stdout)


def test_cut():
    # The end of a cavity that was cut is not one of the battery: 18.8 in 20 levels, 26.8 in 40.
    for levels in (20, 40):
        cut = ["near.yaml", "--set", f"battery.levels={levels}", "--set", "accuracy.truncation=1"]
        result = steady(*cut)
        limit = result["limit"]
        check(limit["status"] == "escapes" and limit["energy"] is None and limit["collision"] is None, f"{limit}")
        check(close(result["plateau"]["energy"], 3.878, 2e-3), f"{result['plateau']}")
        check(any("cut at" in text for text in result["warnings"]), f"{result['warnings']}")
        text = run("steady", *cut).stdout
        check(re.search(r"^limit: none, .*climbs on$", text, re.M), text)


def test_horizon():
    # As flat as it may be: no limit behind a near trap.
    for horizon in ("1e4", "1e8"):
        result = steady("near.yaml", "--set", "accuracy.horizon=" + horizon)
        check(result["limit"]["status"] == "escapes" and result["limit"]["level"] == 10, f"{result['limit']}")
        check(result["run"]["collisions"] == float(horizon), "as far as the horizon")


def test_files():
    done = run("steady", "trap.yaml", "-o", "out.nc")
    check("results: out.nc" in done.stdout, done.stdout)
    run("steady", "trap.yaml", "-o", "out.nc", code=4, pattern="exists")
    run("steady", "trap.yaml", "-o", "out.nc", "--force", "--quiet")
    run("steady", "trap.yaml", "-o", "out.json", code=2, pattern="netCDF")
    run("steady", "trap.yaml", "-o", "no/where.nc", code=4)
    run("steady", "trap.yaml", "-o", "out.csv")
    rows = [line.split(",") for line in open(os.path.join(WORK, "out.csv")).read().splitlines()]
    check(len({len(row) for row in rows}) == 1, "a table")
    kinds = [row[0] for row in rows[1:]]
    check(kinds[:3] == ["plateau", "limit", "chamber"] and "mode" in kinds, f"{kinds}")
    check(not [name for name in os.listdir(WORK) if "lock" in name or "checkpoint" in name], "left behind")
    run("plot", "out.nc", "-o", "series.svg")
    run("plot", "out.nc", "--what", "spectrum")
    check(os.path.getsize(os.path.join(WORK, "out-spectrum.svg")) > 2000, "a figure")
    text = run("plot", "out.nc", "--what", "spectrum", "--format", "text", COLUMNS="60", LC_ALL="C").stdout
    check(re.search(r"^ *1 1\.0000000 +forever #+$", text, re.M), text)
    check(max(map(len, text.splitlines())) <= 60, "60 columns")
    run("run", "trap.yaml", "-o", "run.nc", "--quiet")
    run("plot", "run.nc", "--what", "spectrum", "--format", "text", code=4, pattern="no steady analysis")


def test_refused():
    run("steady", code=2, pattern="which file")
    run("steady", "trap.yaml", "--resume", code=2, pattern="does not apply")
    for words in (["--stage", "-1"], ["--stage", "x"], ["--eigenvalues", "0"], ["--eigenvalues", "1.5"]):
        run("steady", "trap.yaml", *words, code=2, pattern=words[0])
    result = steady("trap.yaml", "--stage", "3", code=2, pattern="no stage 3")
    check(result["status"] == "argument", f"{result}")
    run("steady", "none.yaml", code=4)
    result = steady("trap.yaml", "--set", "atoms.q=2", code=2, pattern="atoms.q")
    check(result["error"]["key"] == "atoms.q" and "plateau" not in result, f"{result}")
    lab = ["--set", "interaction={g: 0.1, tau: 5, counter_rotating: 1}", "--set", "stream.frame=lab"]
    run("steady", "trap.yaml", *lab, code=2, pattern="frame")
    done = run("steady", "trap.yaml", "--set", "stages=[{charge: 5}, {charge: 5, atoms: {q: 1}}]", "--stage", "1")
    check("limit: reached" in done.stdout, done.stdout)


def test_interrupted():
    # Hundreds of levels and nothing that traps: minutes.
    long = ["--set", "interaction.theta=0.02", "--set", "atoms.c=0.9"]
    job = subprocess.Popen([UMASER, "steady", "near.yaml", "--json", "-o", "stopped.nc", *long], cwd=WORK,
                           text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.5)
    job.send_signal(signal.SIGTERM)
    out, err = job.communicate(timeout=60)
    check(job.returncode == 143, f"exit code {job.returncode} after SIGTERM: {err}")
    result = json.loads(out)
    check(result["status"] == "interrupted" and result["limit"]["status"] == "undecided", "interrupted")
    check(result["limit"]["collision"] > 0 and result["limit"]["energy"] > 0, f"{result['limit']}")
    check(os.path.exists(os.path.join(WORK, "stopped.nc")), "what was found is kept")


def main():
    for name, text in (("trap", TRAP), ("near", NEAR), ("climb", CLIMB)):
        with open(os.path.join(WORK, name + ".yaml"), "w") as file:
            file.write(text)
    for test in (test_near_trap, test_exact_trap, test_text, test_climb, test_cut, test_horizon, test_files, test_refused,
                 test_interrupted):
        test()
    shutil.rmtree(WORK)
    sys.exit(1 if failures else 0)


main()
