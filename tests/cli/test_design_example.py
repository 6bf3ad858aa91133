"""What docs/examples/design.md says of designs is what the program says."""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

UMASER = os.environ["UMASER"]
SOURCE = os.environ["UM_SOURCE_DIR"]
PAGE = open(os.path.join(SOURCE, "docs", "examples", "design.md"), encoding="utf-8").read()
NUMBER = r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?"
failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAILED:", text)


def run(*arguments):
    done = subprocess.run([UMASER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode != 0:
        fail(f"{' '.join(arguments)}: exit code {done.returncode}: {done.stderr}")
    return done.stdout


def unit(text):
    """One of the last digit quoted."""
    mantissa, _, exponent = text.lower().partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def close(found, quoted):
    return abs(found - float(quoted)) <= 1.01 * unit(quoted)


def compare_table(command, quoted, printed):
    quoted, printed = quoted.strip("\n").splitlines(), printed.strip("\n").splitlines()
    if len(quoted) != len(printed):
        return fail(f"{command}: {len(printed)} lines, on the page {len(quoted)}")
    for quote, line in zip(quoted, printed):
        same = re.sub(NUMBER, "#", quote).split() == re.sub(NUMBER, "#", line).split()
        values = zip(re.findall(NUMBER, quote), re.findall(NUMBER, line))
        if not same or not all(a == b or close(float(b), a) for a, b in values):
            fail(f"{command}: the program says\n  {line}\nthe page\n  {quote}")


def run_changed(work, *changes):
    name = os.path.join(work, "changed.nc")
    arguments = [text for change in changes for text in ("--set", change)]
    path = os.path.join(SOURCE, "examples", "design.yaml")
    return json.loads(run("run", path, "--json", "--force", "-o", name, *arguments))


def check(what, found, quoted):
    if not close(found, quoted):
        fail(f"{what}: {found}, the page says {quoted}")


def main():
    tables = re.findall(r"^    umaser (design [^\n]*)\n(?:    [^\n]*\n)*\n```txt\n(.*?)^```", PAGE,
                        re.M | re.S)
    if len(tables) < 2:
        fail("the page has no tables")
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for command, table in tables:
            compare_table(command, table, run(*shlex.split(command)))
        slopes = re.findall(rf"`--set (\S+)`[^:]*: E = ({NUMBER})(?: and purity ({NUMBER}))?", PAGE)
        if len(slopes) != 2:
            fail("the page has no runs beside the slopes")
        for change, energy, purity in slopes:
            series = run_changed(work, change)["series"]
            check(change, series["energy"][-1], energy)
            if purity:
                check(change, series["purity"][-1], purity)
        words = shlex.split(re.search(r"umaser run .*missed.nc", PAGE).group())
        missed = run_changed(work, *(words[i + 1] for i, word in enumerate(words)
                                     if word == "--set"))
        said = re.search(rf"\(E = ({NUMBER})\) ends at collision ({NUMBER}).*?collisions is\s+"
                         r"(\d+\.\d+)", PAGE, re.S)
        check("missed plateau", missed["plateau"]["energy"], said.group(1))
        check("its end", missed["plateau"]["end"], said.group(2))
        check("energy after it", missed["series"]["energy"][-1], said.group(3))
    sys.exit(1 if failures else 0)


main()
