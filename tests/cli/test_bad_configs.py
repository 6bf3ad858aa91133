"""Every wrong configuration through `umaser check`: exit code, FILE:LINE: key: message, --json."""
import glob
import json
import os
import subprocess
import sys
import tempfile

UMASER = os.environ["UMASER"]
CORPUS = os.path.join(os.environ["UM_SOURCE_DIR"], "tests", "fault", "bad_configs")
GOOD = "atoms: {q: 0.25, c: 1}\ninteraction: {theta: 1}\nstages:\n  - charge: 100\n"
failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)


def check(*arguments, **environment):
    run = subprocess.run([UMASER, "check", *arguments], capture_output=True, timeout=60,
                         env={**os.environ, **environment})
    return run.returncode, run.stdout.decode(), run.stderr.decode(errors="replace")


def expectation(path):
    with open(path, encoding="utf-8") as file:
        pairs = (line.rstrip("\n").partition(":") for line in file)
        return {name: value.strip() for name, _, value in pairs}


def corpus():
    configs = sorted(glob.glob(os.path.join(CORPUS, "*.yaml")))
    expect(len(configs) >= 60, f"only {len(configs)} wrong configurations")
    for path in configs:
        expected = expectation(path[:-5] + ".expected")
        code, out, err = check(path)
        key = expected["key"] + ": " if expected["key"] else ""
        start = f"{path}:{expected['line']}: {key}"
        where = f"{os.path.basename(path)}: exit {code}, {out!r}, {err!r}"
        expect(code == int(expected["exit"]), where)
        expect(err.startswith(start) and expected["message"] in err, where + f"; {start}")
        expect(out == "", where)


def overrides(folder):
    path = os.path.join(folder, "good.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(GOOD)
    cases = [("atom.q=0.3", "--set: atom: ", "the nearest known key is atoms"),
             ("atoms.qq=0.3", "--set: atoms.qq: ", "the nearest known key is atoms.q"),
             ("atoms.c=1.5", "--set: atoms.c: ", "within 0 to 1"),
             ("atoms.c", "--set: ", "key=value"),
             ("stages[3].charge=1", "--set: stages[3].charge: ", "no such entry")]
    for text, start, part in cases:
        code, out, err = check(path, "--set", text)
        expect(code == 2 and err.startswith(start) and part in err and out == "",
               f"--set {text}: exit {code}, {err!r}")
    code, out, err = check(path, "--set", "atoms.q=1.5", "--json")
    error = json.loads(out)["error"]
    expect(code == 2 and error["key"] == "atoms.q" and error["line"] is None
           and "0 to 1" in error["message"], out)


def printed_is_valid(folder):
    path, again = os.path.join(folder, "good.yaml"), os.path.join(folder, "again.yaml")
    code, out, err = check(path, "--set", "interaction.theta={trap: 9}",
                           "--set", "stages[0].charge=1e3")
    expect(code == 0 and err == "", f"exit {code}, {err!r}")
    expect("charge: 1000" in out and "energy 0.75 and the ergotropy 0.75" in out
           and "beyond level 9 (half turns: 1), 39 (half turns: 2)" in out, out)
    with open(again, "w", encoding="utf-8") as file:
        file.write(out)
    expect(check(again)[1] == out, "the printed configuration prints differently")
    code, out, _ = check(path, "--json")
    found = json.loads(out)
    expect(code == 0 and found["status"] == "done", out)
    expect(abs(found["atoms"][0]["ergotropy"] - 0.75) < 1e-15 and found["atoms"][0]["stage"] == 0,
           out)
    with open(again, "w", encoding="utf-8") as file:
        file.write(found["config"])
    expect(json.loads(check(again, "--json")[1]) == found, "the JSON's configuration differs")


def what_only_a_run_can_tell(folder):
    path = os.path.join(folder, "good.yaml")
    for texts, start in [(["battery.levels=10", "battery.initial={coherent: [5, 0]}"],
                          "battery.initial: "),
                         (["stages[0].charge=1e15", "record.at=every"], "record.at: ")]:
        code, out, err = check(path, *(part for text in texts for part in ("--set", text)))
        expect(code == 2 and start in err and out == "", f"{texts}: exit {code}, {err!r}")


def german(folder):
    path = os.path.join(folder, "good.yaml")
    expect(check(path, LC_ALL="de_DE.UTF-8") == check(path, LC_ALL="C"), "a locale changes numbers")


def main():
    corpus()
    with tempfile.TemporaryDirectory() as folder:
        overrides(folder)
        printed_is_valid(folder)
        what_only_a_run_can_tell(folder)
        german(folder)
    for failure in failures:
        print(failure)
    sys.exit(1 if failures else 0)


main()
