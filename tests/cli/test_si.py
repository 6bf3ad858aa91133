"""SI units through the program: the numbers by hand, in every form a result has."""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

PLANCK, ELECTRONVOLT = 6.62607015e-34, 1.602176634e-19
CONFIG = """
units: si
battery: {frequency: 21.456 GHz}
atoms: {q: 0.25, c: 1}
interaction: {g: 7 kHz, tau: 30 us}
stream: {rate: 1000 /s}
environment: {lifetime: 0.3 s, temperature: 0.5 K}
stages: [charge: 100, store: 0.1 s]
"""
wrong = []


def close(what, have, want, tolerance=1e-12):
    if have is None or not abs(have - want) <= tolerance * max(abs(want), 1e-300):
        wrong.append(f"{what} = {have!r}, expected {want!r}")


def run(*arguments):
    done = subprocess.run([os.environ["UMASER"], *arguments], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        wrong.append(f"{arguments}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def series(summary):
    natural, si = summary["series"], summary["si"]
    joule, second = PLANCK * 21.456e9, 1 / (2 * math.pi * 21.456e9)
    close("omega", si["omega"], 1 / second)
    close("joule", si["joule"], joule)
    close("second", si["second"], second)
    for name in ("energy", "ergotropy", "ergotropy_coherent", "switching_work"):
        for have, want in zip(si[name + "_joule"], natural[name], strict=True):
            close(name, have, want * joule)
    for have, want in zip(si["energy_ev"], natural["energy"], strict=True):
        close("eV", have, want * joule / ELECTRONVOLT)
    for have, energy, time in zip(si["power_watt"], natural["energy"], si["time_seconds"],
                                  strict=True):
        if have is not None and time > 0:
            close("power", have, energy * joule / time, 1e-9)
    close("duration", si["time_seconds"][-1], 0.2, 1e-9)  # 100 atoms at 1000 /s, then 0.1 s
    close("charge", si["stages"][0]["seconds"], 0.1, 1e-9)
    close("store", si["stages"][1]["seconds"], 0.1, 1e-9)
    for name in ("energy_start", "energy_end", "ergotropy_end"):
        for stage, plain in zip(si["stages"], summary["stages"], strict=True):
            close(name, stage[name + "_joule"], plain[name] * joule)
    for name, value in si["ledger_joule"].items():
        close("ledger " + name, value, summary["ledger"][name] * joule)
    plateau = si["plateau"]
    if plateau:
        close("plateau", plateau["energy_joule"], summary["plateau"]["energy"] * joule)
        close("charging time", plateau["charging_seconds"],
              summary["plateau"]["charging_time"] * 1e-3, 1e-9)


def columns(path, summary):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, energy, time in zip(rows, summary["si"]["energy_joule"], summary["si"]["time_seconds"],
                                 strict=True):
        close("csv energy", float(row["energy_joule"]), energy)
        close("csv time", float(row["time_seconds"]), time)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path, table = os.path.join(folder, "si.yaml"), os.path.join(folder, "si.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG)
        summary = json.loads(run("run", path, "--json", "-o", table))
        series(summary)
        columns(table, summary)
        # What check prints is natural, means the same run and keeps the scale.
        printed = run("check", path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(printed)
        again = json.loads(run("run", path, "--json", "-o", table, "--force"))
        if again["digest"] != summary["digest"] or again["si"] != summary["si"]:
            wrong.append("the printed configuration is another run")
        # A natural result has none of this.
        with open(path, "w", encoding="utf-8") as file:
            file.write("interaction: {theta: 1}\nstages: [charge: 10]\n")
        plain = run("run", path, "--json", "-o", table, "--force")
        with open(table, encoding="utf-8") as file:
            if '"si"' in plain or "joule" in file.read():
                wrong.append("SI numbers without a scale")
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


sys.exit(main())
