"""Side by side with what people run today. Started by `./do bench [ROW or GROUP ...]`; README.md says more."""
import argparse
import os
import pathlib
import sys
import time
import traceback

import measure  # before numpy is loaded: it sets the number of BLAS threads
import page
import rows_kernels
import rows_long
import rows_observe
import rows_runs

GROUPS = {"workloads": rows_runs.ROWS, "observables": rows_observe.ROWS, "long": rows_long.ROWS,
          "kernels": rows_kernels.ROWS}
HEADINGS = {"workloads": "runs and sweeps", "observables": "numbers from states", "long": "for ever",
            "kernels": "collisions"}
ROWS = {name: row for group in GROUPS.values() for name, row in group.items()}


def chosen(names, parser):
    """Rows by their names and by those of groups, in the order of the page."""
    wanted = set()
    for name in names or ROWS:
        if name not in ROWS and name not in GROUPS:
            parser.error(f"no such row or group: {name}; groups: {', '.join(GROUPS)}; rows: {', '.join(ROWS)}")
        wanted |= {name} if name in ROWS else set(GROUPS[name])
    return [name for name in ROWS if name in wanted]


def main():
    parser = argparse.ArgumentParser(prog="./do bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join([*GROUPS, *ROWS])}; default: all")
    parser.add_argument("--repeats", type=int, default=5, help="turns of a cheap row; dear ones take fewer (5)")
    parser.add_argument("--page", type=pathlib.Path, default=measure.ROOT / "docs/performance.md",
                        help="where the sections go, figures beside it (docs/performance.md)")
    options = parser.parse_args()
    names = chosen(options.rows, parser)
    sections = page.read(options.page.read_text()) if options.page.exists() else {}
    groups = {HEADINGS[group]: rows for group, rows in GROUPS.items()}
    begun, failed = time.perf_counter(), []
    for name in names:
        start, load = time.perf_counter(), os.getloadavg()[0]
        print(f"== {name}", flush=True)
        try:
            peak = measure.ours("peak")[0]
            text = ROWS[name].measure(measure.Settings(options.repeats, peak, options.page.parent))
        except Exception:  # the others are worth having
            traceback.print_exc()
            failed.append(name)
            continue
        print(f"{ROWS[name].title}\n\n{text}\n({time.perf_counter() - start:.0f} s)\n", flush=True)
        sections[ROWS[name].title] = f"{text}\n\n{page.origin(name, peak, load)}"
        options.page.write_text(page.write(groups, sections))
    print(f"{len(names) - len(failed)} rows in {time.perf_counter() - begun:.0f} s: {options.page}")
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
