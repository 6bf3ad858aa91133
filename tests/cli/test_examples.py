"""Every example runs, its ledger closes, and the numbers on its page are those of the run."""
import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

UMASER = os.environ["UMASER"]
SOURCE = os.environ["UM_SOURCE_DIR"]
EFFORT = int(os.environ.get("UM_TEST_EFFORT", "1"))
WORK = tempfile.mkdtemp()
failures = 0


def fail(text):
    global failures
    failures += 1
    print("FAILED:", text)


def run(name, *arguments):
    path = os.path.join(SOURCE, "examples", name + ".yaml")
    done = subprocess.run([UMASER, "run", path, "-o", os.path.join(WORK, name + ".nc"), "--force",
                           *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        fail(f"{name}: exit code {done.returncode}: {done.stderr}")
    return done.stdout


def close(found, quoted, digits):
    """Half a unit of the last quoted digit, and rounding of another machine."""
    return abs(found - quoted) <= 0.51 * 10.0 ** -digits + 1e-9 * (1 + abs(quoted))


def decimals(text):
    mantissa, _, exponent = text.lower().partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent or 0)


NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


def look_up(result, key):
    name, _, collision = key.partition("@")
    if collision:
        return result["series"][name][result["series"]["collision"].index(int(collision))]
    for part in name.split("."):
        result = result[int(part)] if isinstance(result, list) else result[part]
    return result


def compare_table(name, page, result, heading):
    """Rows of the tables whose first column heads `heading`."""
    count = 0
    for table in re.findall(r"^\| " + re.escape(heading) + r" \|.*\n((?:\|.*\n)+)", page, re.M):
        for key, text in re.findall(rf"^\| `([^`]+)` \| ({NUMBER}) \|", table, re.M):
            count += 1
            found = look_up(result, key)
            if key == "plateau.charging_time":
                if found != int(text):
                    fail(f"{name}: {key} is {found}, the page says {text}")
            elif not close(found, float(text), max(decimals(text), 9)):
                fail(f"{name}: {key} is {found:.12g}, the page says {text}")
    return count


def compare_si(name, page, result):
    """Quantities as small as 1e-23: all digits quoted, relative to their size."""
    count = 0
    for table in re.findall(r"^\| SI in " + re.escape(name) + r" \|.*\n((?:\|.*\n)+)", page, re.M):
        for key, text in re.findall(r"^\| `([^`]+)` \| (\S+)", table, re.M):
            count += 1
            found = look_up(result, key)
            if text == "null" or found is None:
                if text != "null" or found is not None:
                    fail(f"{name}: {key} is {found}, the page says {text}")
            elif not abs(found - float(text)) <= 0.51 * 10.0 ** -decimals(text):
                fail(f"{name}: {key} is {found:.6g}, the page says {text}")
    return count


def compare_summary(name, block, summary):
    """Each line quoted stands in the summary, numbers to 1e-9; sizes of spaces are the program's own
    affair, and only their words are compared."""
    # Two leaps may differ by nothing, and then nothing is said of it.
    summary, block = (re.sub(", fewer levels differ by " + NUMBER, "", text) for text in (summary, block))
    lines = [line for line in summary.splitlines() if not re.match("seconds|results", line)]
    quoted = block.strip("\n").splitlines()
    if len(lines) != len(quoted):
        return fail(f"{name}: {len(quoted)} lines of summary on the page, {len(lines)} in the run")
    for line, quote in zip(lines, quoted):
        if re.sub(NUMBER, "#", line).replace(" ", "") != re.sub(NUMBER, "#", quote).replace(" ", ""):
            fail(f"{name}: the summary says\n  {line}\nthe page\n  {quote}")
            continue
        if re.match(r" *(fast-forward|levels) ", line):
            continue
        for found, text in zip(re.findall(NUMBER, line), re.findall(NUMBER, quote)):
            if not abs(float(found) - float(text)) <= 2e-9 * max(1, abs(float(text))):
                fail(f"{name}: the summary says {found}, the page {text} in\n  {quote}")


def check_ledger(name, result):
    ledger = result["ledger"]
    left = ledger["battery"] + ledger["atoms"]
    right = ledger["switching"] + ledger["heat"] + ledger["drive"]
    for residual in (ledger["residual"], left - right):
        if not abs(residual) <= 1e-12 * (1 + ledger["moduli"]):
            fail(f"{name}: the ledger's residual is {residual}, of {ledger}")
    if not result["truncation"]["error_bound"] <= 1e-10:
        fail(f"{name}: truncation error {result['truncation']['error_bound']}")


def is_sweep(name):
    with open(os.path.join(SOURCE, "examples", name + ".yaml"), encoding="utf-8") as file:
        return re.search(r"^sweep:", file.read(), re.M) is not None


# On the pages of sweeps: column, values of the axes, digits behind the point of what is quoted.
QUOTED = {"phase-diagram": [("plateau_energy", {"interaction.theta": 0.8, "atoms.q": 0.3}, "5.665")],
          "lifetimes": [("lifetime", {"interaction.theta": 1, "atoms.c": 1}, "5.24e13"),
                        ("lifetime", {"interaction.theta": 1, "atoms.c": 0.9}, "3.47e9")],
          "power": [("maximum_power", {"interaction.theta": 0.4, "atoms.c": 1}, "0.779"),
                    ("maximum_power", {"interaction.theta": 1.175, "atoms.c": 0}, "0.543"),
                    ("maximum_power", {"interaction.theta": 0.1, "atoms.c": 1}, "0.713"),
                    ("maximum_power", {"interaction.theta": 0.1, "atoms.c": 0}, "0.075")],
          "strong-coupling": [("final_purity", {"interaction.theta": 1, "interaction.g": 0.02}, "0.9934"),
                              ("final_purity", {"interaction.theta": 1.05, "interaction.g": 0.05}, "0.9556"),
                              ("final_purity", {"interaction.theta": 1.2, "interaction.g": 0.01}, "0.8812")]}


# Sweeps that take minutes, and one in which points fail, as its page says.
LONG = ("lifetimes", "strong-coupling")
EXIT = {"strong-coupling": 3}


def check_sweep(name, pages):
    """The sweep runs (a long one with more effort), and the numbers on its page are in its table."""
    page = pages.get(name, "")
    if f"umaser sweep examples/{name}.yaml" not in page:
        fail(f"no page says: umaser sweep examples/{name}.yaml")
    if name in LONG and EFFORT == 1:
        return
    table = os.path.join(WORK, name + ".csv")
    done = subprocess.run([UMASER, "sweep", os.path.join(SOURCE, "examples", name + ".yaml"), "-o", table,
                           "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != EXIT.get(name, 0):
        return fail(f"{name}: exit code {done.returncode}: {done.stderr}")
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for column, axes, text in QUOTED.get(name, []):
        row = next((row for row in rows
                    if all(abs(float(row[key]) - value) < 1e-12 for key, value in axes.items())), None)
        if text not in page or not row:
            fail(f"{name}: {text} is not on the page, or {axes} not in the table")
        elif not abs(float(row[column]) / float(text) - 1) < 0.6 * 10.0 ** (1 - len(text.split("e")[0].replace(".", "").lstrip("0"))):
            fail(f"{name}: {column} at {axes} is {row[column]}, the page says {text}")


def main():
    names = sorted(os.path.basename(path)[:-5]
                   for path in glob.glob(os.path.join(SOURCE, "examples", "*.yaml")))
    sweeps = [name for name in names if is_sweep(name)]
    names = [name for name in names if name not in sweeps]
    pages = {os.path.basename(path)[:-3]: open(path, encoding="utf-8").read()
             for path in glob.glob(os.path.join(SOURCE, "docs", "examples", "*.md"))}
    overview = pages.pop("README")
    for wanted in ("quick", "plateau", "trap", "ladder", "ladder-incoherent", "rabi", "protocol"):
        if wanted not in names:
            fail(f"examples/{wanted}.yaml is not there")
    numbers = 0
    for name in names:
        result = json.loads(run(name, "--json"))
        check_ledger(name, result)
        for title, page in pages.items():
            if title == name:
                numbers += compare_table(name, page, result, "number")
            numbers += compare_table(name, page, result, f"number in {name}")
            numbers += compare_si(name, page, result)
        command = f"umaser run examples/{name}.yaml"
        page = next((page for page in pages.values() if command in page), None)
        if not page:
            fail(f"no page says: {command}")
            continue
        # The page's blocks of output, in the order of its commands.
        commands = re.findall(r"umaser run examples/(\S+)\.yaml", page)
        blocks = re.findall(r"^```text\n(.*?)^```", page, re.M | re.S)
        # Once is enough for a long run: the table has its numbers already. A page may do without.
        if blocks and (result["wall_seconds"]["collisions"] < 1 or EFFORT > 1):
            compare_summary(name, blocks[commands.index(name)], run(name))
    for name in sweeps:
        check_sweep(name, pages)
    if numbers < 40:
        fail(f"only {numbers} numbers compared")
    for title, page in list(pages.items()) + [("README", overview)]:
        for target in re.findall(r"\]\(([^)#]+)", page):
            if not os.path.exists(os.path.join(SOURCE, "docs", "examples", target)):
                fail(f"{title}.md: {target} is not there")
        if title != "README" and f"({title}.md)" not in overview:
            fail(f"the overview does not name {title}.md")
    for figure in glob.glob(os.path.join(SOURCE, "docs", "examples", "*.svg")):
        if os.path.getsize(figure) > 200_000:
            fail(f"{figure} is larger than 200 KB")
    shutil.rmtree(WORK)
    sys.exit(1 if failures else 0)


main()
