"""docs/performance.md: one section per row; rows that were not measured keep what was said of them earlier."""
import datetime
import os
import pathlib
import platform
import re

# What people who do this work run: number, what, its size, the rows that measure it (none: not yet possible).
WORKLOADS = (
    (1, "ladder battery charged atom by atom, energy and ergotropy after every collision", "N = 200, 1000 collisions",
     ("ladder",)),
    (2, "cavity plateau and beyond, also with counter-rotating terms", "N = 40 and 120, to 10^12 collisions, 200 records",
     ("cavity", "rabi-cavity", "growth")),
    (3, "leading eigenvalues and the limit from the vacuum", "N = 40 to 400, 200 values of g tau",
     ("scan-40", "scan-100", "steady-400", "steady-peer")),
    (4, "a chain of batteries that share each atom", "5 batteries, N = 200", ()),
    (5, "a charger alternating with a bath atom that remembers", "N = 200, 2000 collisions", ()),
    (6, "three-level atoms in a coherent superposition of two lower levels", "N = 860, 13 million collisions", ()),
    (7, "two cavities in cascade", "20 and 35 levels, 20000 collisions", ()),
    (8, "lossy Rydberg maser, Poisson arrivals", "N = 60, 300 values of g tau, 1e5 atoms", ("maser",)),
    (9, "outgoing atoms measured, conditional ergotropy", "N = 60, 10,000 trajectories", ()),
    (10, "phase diagram with interruption and resume; film of Wigner functions",
     "200 x 200 points; 100 frames of 400 x 400", ("sweep-grid", "film")),
)

HEAD = """# How fast

Written by `./do bench`. The command in each section measures it again; [bench/README.md](../bench/README.md) says what
runs, against whom, and what bounds each kernel.

- Contestants of a section run in turns, one thread each where nothing else is said. A time is the median of several runs with its
  spread (smallest to largest), a ratio is taken turn by turn, with its spread.
- Answers are compared first: a relative difference above 1e-9 has no time. The column `difference` has what was found.
- Peak: the multiply-adds in double precision that one core does in a second, measured by `bench_peak` just before. Bound: the time
  that a kernel's multiply-adds take at that rate. Targets are times of a core with a peak of 29.5 10^9, scaled to the one measured.
- Load: how many processes wanted the machine's cores in the minute before the section was begun; the rows before it are 1 of them
  (2 where they have two threads). With more than that others were at work, and times are too long.
"""


def machine():
    model = "unknown processor"
    info = pathlib.Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.split(":")[1].strip() for line in info.read_text().splitlines()
                      if line.startswith("model name")), model)
    return f"{model}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}"


def origin(name, peak, load):
    """When, where, and how to do it again."""
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    rate = peak["multiply_adds_per_second"] / 1e9
    reads = peak["read_bytes_per_second"]
    return (f"`./do bench {name}`: {today}, {machine()}, peak {rate:.1f} 10^9 multiply-adds a second, reads "
            f"{reads['16K'] / 1e9:.0f}, {reads['512K'] / 1e9:.0f}, {reads['256M'] / 1e9:.0f} GB/s from 16 KB, 512 KB, 256 MB, "
            f"load {load:.1f}")


def read(text):
    """What stands under each row's title."""
    parts = re.split(r"^### (.*)\n\n", text, flags=re.M)[1:]
    # The next group's heading is no part of a section.
    return {title: re.split(r"^## ", body, flags=re.M)[0].rstrip("\n") for title, body in zip(parts[::2], parts[1::2])}


def headline(text):
    found = re.search(r"^\*\*(.*)\*\*$", text, flags=re.M)
    return found[1] if found else ""


def anchor(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def workloads(rows, sections):
    lines = ["## The workloads", "", "What people who do this work run, and what it comes to here:", "",
             "| | workload | size | measured |", "|---|---|---|---|"]
    for number, what, size, names in WORKLOADS:
        told = [f"[{name}](#{anchor(rows[name].title)}): {headline(sections[rows[name].title])}"
                for name in names if rows[name].title in sections]
        lines.append(f"| {number} | {what} | {size} | {'<br>'.join(told) if names else 'not yet possible'} |")
    return "\n".join(lines)


def write(groups, sections):
    rows = {name: row for group in groups.values() for name, row in group.items()}
    parts = [HEAD.rstrip("\n"), workloads(rows, sections)]
    for group, members in groups.items():
        known = [row.title for row in members.values() if row.title in sections]
        parts += [f"## {group[0].upper() + group[1:]}"] if known else []
        parts += [f"### {title}\n\n{sections[title]}" for title in known]
    return "\n\n".join(parts) + "\n"
