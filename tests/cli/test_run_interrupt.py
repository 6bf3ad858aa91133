"""Runs that are interrupted, terminated and killed go on with --resume to the same numbers."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

UMASER = os.environ["UMASER"]
EFFORT = int(os.environ.get("UM_TEST_EFFORT", "1"))
JOB = """\
atoms: {q: 0.25, c: 1}
interaction: {theta: 1.0}
stages:
  - charge: COLLISIONS
  - {charge: 50000, atoms: {q: 0.4, c: 0.5, phase: 0.3}}
record: {at: log, states: [100, 60000]}
accuracy: {method: METHOD}
"""
failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what)


def run(folder, *arguments, **environment):
    done = subprocess.run([UMASER, "run", "job.yaml", *arguments], cwd=folder, timeout=300,
                          capture_output=True, text=True, env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def start(folder, *arguments, **environment):
    return subprocess.Popen([UMASER, "run", "job.yaml", *arguments], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, **environment})


def numbers(text):
    data = json.loads(text)
    del data["wall_seconds"]
    return data


def litter(folder, *allowed):
    return [name for name in os.listdir(folder) if name not in ("job.yaml", *allowed)]


def is_whole(path):
    """A complete HDF5 file: its superblock knows where it ends."""
    with open(path, "rb") as file:
        return file.read(8) == b"\x89HDF\r\n\x1a\n" and os.path.getsize(path) > 1000


def write_job(folder, collisions, method="step"):
    with open(os.path.join(folder, "job.yaml"), "w", encoding="ascii") as job:
        job.write(JOB.replace("COLLISIONS", str(collisions)).replace("METHOD", method))


def time_job(folder, collisions):
    """Processor time: that of the clock would be too much on a machine that is busy just now."""
    write_job(folder, collisions)
    before = sum(os.times()[2:4])
    code, _, said = run(folder, "-o", "short.nc", "--json")
    expect(code == 0, f"exit {code}: {said}")
    os.unlink(os.path.join(folder, "short.nc"))
    return sum(os.times()[2:4]) - before


def write_long_job(folder):
    """A job of a second and a half on this machine, so that there is a middle; how long it takes to begin
    and to end does not count."""
    beginning = time_job(folder, 50000)
    seconds = max(time_job(folder, 450000) - beginning, 0.01)
    write_job(folder, int(400000 * max(1, 1.5 / seconds)))


def start_and_wait(folder, out, *arguments):
    """In the middle of it: the first checkpoint is there."""
    process = start(folder, "-o", out, *arguments, UMASER_CHECKPOINT_SECONDS="0.1")
    checkpoint = os.path.join(folder, out + ".checkpoint")
    while process.poll() is None and not os.path.exists(checkpoint):
        time.sleep(0.01)
    return process


def stop(folder, number, code, whole):
    """Stopped by a signal in the middle, then finished."""
    out = f"stopped{number}.nc"
    process = start_and_wait(folder, out, "--json")
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=60)
    expect(process.returncode == code, f"signal {number}: exit {process.returncode}: {stderr}")
    if process.returncode == 0:
        return
    part = json.loads(stdout)
    expect(part["status"] == "interrupted", f"signal {number}: status {part['status']}")
    expect(part["error"]["code"] == code and part["error"]["message"], f"{part['error']}")
    done = part["series"]["collision"][-1]
    expect(0 < done < whole["series"]["collision"][-1], f"signal {number}: {done} collisions")
    expect(part["series"]["energy"] == whole["series"]["energy"][:len(part["series"]["energy"])],
           f"signal {number}: the part differs from the whole")
    expect("--resume" in stderr, f"signal {number}: no word of --resume: {stderr}")
    expect(is_whole(os.path.join(folder, out)), f"signal {number}: no partial result")
    expect(sorted(litter(folder, "whole.nc")) == [out, out + ".checkpoint"],
           f"signal {number}: {os.listdir(folder)}")
    code, stdout, stderr = run(folder, "-o", out)
    expect(code == 4 and "--resume" in stderr, f"a stopped result is there: {code} {stderr}")
    code, stdout, stderr = run(folder, "-o", out, "--json", "--resume")
    expect(code == 0 and "going on after collision" in stderr, f"--resume: exit {code}: {stderr}")
    expect(numbers(stdout) == whole, f"signal {number}: resumed numbers differ")
    expect(litter(folder, "whole.nc") == [out], f"after --resume: {os.listdir(folder)}")
    code, stdout, stderr = run(folder, "-o", out, "--resume")
    expect(code == 4 and "no checkpoint" in stderr, "--resume without a checkpoint replaced a result")
    os.unlink(os.path.join(folder, out))


def kill(folder, whole, seed):
    """Killed again and again at random moments, with checkpoints at every chance."""
    choose = random.Random(seed)
    out, kills, resumed = "killed.nc", 0, 0
    for trial in range(400):
        if kills == 0:
            process = start_and_wait(folder, out, "--json")
        else:
            process = start(folder, "-o", out, "--json", "--resume", UMASER_CHECKPOINT_SECONDS="0")
        try: # longer and longer, so that it ends on slow machines too
            patience = choose.uniform(0.02, 0.3) * (1 + trial / 5)
            stdout, stderr = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
        resumed += "going on after collision" in stderr
        if process.returncode == 0 and kills == 0 and trial < 10:
            os.unlink(os.path.join(folder, out)) # it was quicker; once more
            continue
        if process.returncode == 0:
            break
        kills += 1
        expect(process.returncode == -signal.SIGKILL, f"exit {process.returncode}: {stderr}")
        left = os.path.join(folder, out)
        if os.path.exists(left): # killed between the last rename and the end: then it is whole
            expect(is_whole(left), "a killed run left a damaged result")
            os.unlink(left)
    expect(kills > 0 and resumed > 0, f"{kills} kills, {resumed} resumed: nothing was tested")
    expect(process.returncode == 0, "it never finished")
    expect(numbers(stdout) == whole, f"killed {kills} times: numbers differ")
    expect(is_whole(os.path.join(folder, out)), "no whole result in the end")
    expect(not os.path.exists(os.path.join(folder, out + ".checkpoint")), "a checkpoint is left")
    expect(not os.path.exists(os.path.join(folder, out + ".lock")), "a lock is left")
    for name in os.listdir(folder):
        if name != "job.yaml" and name != "whole.nc":
            os.unlink(os.path.join(folder, name))


def wrong_checkpoints(folder, whole):
    """Of another model, damaged, cut short: refused with a reason, nothing is lost."""
    out = os.path.join(folder, "other.nc")
    process = start_and_wait(folder, "other.nc", "--quiet")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    expect(process.returncode == 130 and stdout == "", f"--quiet: {stdout!r}")
    checkpoint = out + ".checkpoint"
    with open(checkpoint, "rb") as file:
        good = file.read()
    code, stdout, stderr = run(folder, "-o", "other.nc", "--resume", "--json",
                               "--set", "stages[0].atoms.q=0.3")
    expect(code == 2 and "another" in stderr, f"another model: exit {code}: {stderr}")
    expect(json.loads(stdout)["error"]["code"] == 2, "no JSON of it")
    if whole["kernel"] != "reference":
        code, stdout, stderr = run(folder, "-o", "other.nc", "--resume", UMASER_KERNEL="reference")
        expect(code == 2 and f"Set UMASER_KERNEL={whole['kernel']}," in stderr, f"other kernels: {code} {stderr}")
    middle = len(good) // 2
    damages = {"empty": b"", "cut": good[:middle], "text": b"energy: 3\n" * 100,
               "flipped": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1:]}
    for name, bad in damages.items():
        with open(checkpoint, "wb") as file:
            file.write(bad)
        code, stdout, stderr = run(folder, "-o", "other.nc", "--resume")
        expect(code == 4 and "checkpoint" in stderr, f"{name} checkpoint: exit {code}: {stderr}")
        with open(checkpoint, "rb") as file:
            expect(file.read() == bad, f"{name}: the checkpoint was touched")
    with open(checkpoint, "wb") as file:
        file.write(good)
    code, stdout, stderr = run(folder, "-o", "other.nc", "--resume", "--json", "--quiet")
    expect(code == 0 and stderr == "" and numbers(stdout) == whole, f"at last: {code} {stderr}")


def at_terminal(folder):
    """Who waits at a terminal is told what Ctrl-C does."""
    mine, its = os.openpty()
    process = subprocess.Popen([UMASER, "run", "job.yaml", "-o", "terminal.nc"], cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=its)
    os.close(its)
    said = os.read(mine, 1000) # it runs, and says so
    process.send_signal(signal.SIGINT)
    try:
        while more := os.read(mine, 1000):
            said += more
    except OSError: # all is read, and nobody writes any more
        pass
    os.close(mine)
    expect(process.wait() == 130 and b"Ctrl-C once more" in said, f"at a terminal: {said}")
    for name in litter(folder):
        if name.startswith("terminal.nc"):
            os.unlink(os.path.join(folder, name))


def whole_run(folder):
    code, text, said = run(folder, "-o", "whole.nc", "--json", "--force")
    expect(code == 0, f"exit {code}: {said}")
    expect(not litter(folder, "whole.nc"), f"left: {os.listdir(folder)}")
    return numbers(text)


with tempfile.TemporaryDirectory() as work:
    write_long_job(work)
    reference = whole_run(work)
    stop(work, signal.SIGINT, 130, reference)
    stop(work, signal.SIGTERM, 143, reference)
    at_terminal(work)
    for trial in range(EFFORT):
        kill(work, reference, trial)
    wrong_checkpoints(work, reference)
    os.unlink(os.path.join(work, "other.nc"))
    write_job(work, 1000000, "auto") # which is done in two leaps
    kill(work, whole_run(work), EFFORT)
sys.exit(bool(failures))
