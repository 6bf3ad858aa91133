"""A run in several threads writes what a run in one writes, to the last byte."""
import os
import pathlib
import subprocess
import tempfile

UMASER = os.environ["UMASER"]
# Most of a space of 200 levels is in use from the first collision on.
JOB = """
battery: {levels: 200, initial: {coherent: [9.0, 0.0]}}
atoms: {q: 0.3, c: %s, detuning: %s}
interaction: {g: 0.1, theta: 0.7}
stream: {period: 12}
environment: {kappa: %s, during_collision: false}
stages: [{charge: 60}]
record: {at: every, observables: [energy, purity]}
accuracy: {truncation: 1.0}
"""
CASES = {"pure": (1, 0, 0), "mixed": (0.7, 0, 0), "detuned": (0.7, 0.05, 0), "lossy": (1, 0, 0.01)}


def umaser(*arguments):
    done = subprocess.run([UMASER, *arguments], text=True, capture_output=True)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stderr}"
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name, values in CASES.items():
        job = pathlib.Path(f"{name}.yaml")
        job.write_text(JOB % values)
        for threads in ("1", "2", "3"):
            umaser("run", str(job), "-o", f"{name}{threads}.csv", "--threads", threads, "--quiet")
        first = pathlib.Path(f"{name}1.csv").read_bytes()
        assert len(first.splitlines()) > 60, f"{name}: {len(first.splitlines())} lines"
        for threads in ("2", "3"):
            assert pathlib.Path(f"{name}{threads}.csv").read_bytes() == first, f"{name}: {threads} threads, other bytes"
