"""A result opens with xarray.open_dataset(file) and nothing else, and says what JSON says."""

import json
import os
import shutil
import subprocess
import sys
import tempfile

# UM_PYTHON may name an interpreter that has xarray.
python = os.environ.get("UM_PYTHON")
if python and not os.environ.get("UM_PYTHON_CHOSEN"):
    os.environ["UM_PYTHON_CHOSEN"] = "1"
    os.execvp(python, [python] + sys.argv)

try:
    import netCDF4  # noqa: F401  (what xarray reads the file with)
    import xarray
except ImportError as error:
    print(f"skipped: {error} for {sys.executable}; pip install xarray netCDF4, or set UM_PYTHON")
    sys.exit(77)

CONFIG = """
title: "µ"
interaction: {theta: 1.0}
atoms: {q: 0.25, c: 1}
stages: [{charge: 300}, {charge: 200}]
record:
  observables: [energy, ergotropy, g2, purity, populations]
  states: [0, 30]
  wigner: {at: [30], grid: [-5, 5, 11]}
"""


def check_series(dataset, summary):
    series = summary["series"]
    assert dataset.sizes["record"] == len(series["collision"])
    for name, values in series.items():
        if name == "populations":
            continue
        found = dataset[name].values
        for a, b in zip(found, values):
            assert (a != a) if b is None else (a == b), (name, a, b)
    assert (dataset["populations"].values == series["populations"]).all()
    assert {"stage", "collision", "time"} <= set(dataset.coords)
    assert dataset["energy"].attrs["units"] == "omega"
    assert dataset["energy"].attrs["long_name"]


def check_states(dataset, summary):
    state = dataset["state"].sel(saved_state=30)
    assert state.dims == ("n", "m", "complex") and state.sizes["complex"] == 2
    saved = summary["states"][1]
    levels = int(dataset["state_levels"].sel(saved_state=30))
    assert saved["collision"] == 30 and len(saved["real"]) == levels
    assert (state.values[:levels, :levels, 0] == saved["real"]).all()
    assert (state.values[:levels, :levels, 1] == saved["imag"]).all()
    wigner = dataset["wigner"].sel(saved_wigner=30)
    assert wigner.dims == ("p", "x")
    assert list(dataset["x"].values) == [float(x) for x in range(-5, 6)]
    assert (wigner.values == summary["wigner"][0]["wigner"]).all()


def check_attributes(dataset, summary):
    attributes = dataset.attrs
    assert attributes["umaser_version"] == summary["umaser"]
    assert attributes["status"] == "done"
    assert attributes["digest"] == summary["digest"]
    assert attributes["ledger_residual"] == summary["ledger"]["residual"]
    assert attributes["truncation_levels"] == summary["truncation"]["levels"]
    assert int(attributes["umaser_format"]) == 1
    assert "theta" in attributes["config"]
    assert attributes["kernel"] and attributes["date"].endswith("Z")
    assert list(dataset["stage_kind"].values) == ["charge", "charge"]
    assert list(dataset["stage_method"].values) == [s["method"] for s in summary["stages"]]
    assert summary["method"] == ["step", "step"]
    assert list(dataset["stage_forward_from"].values) == [-1, -1]


def check_append(path, folder):
    """A user may put notes of their own into a copy."""
    copy = os.path.join(folder, "copy.nc")
    shutil.copy(path, copy)
    xarray.Dataset({"note": ("record_note", [1.0, 2.0])}).to_netcdf(copy, mode="a")
    with xarray.open_dataset(copy) as dataset:
        assert list(dataset["note"].values) == [1.0, 2.0]
        assert float(dataset["energy"][0]) == 0


SWEEP = """
atoms: {c: 1}
stages: [{charge: 300}]
sweep:
  axes:
    - {key: interaction.theta, linspace: [0.8, 2, 5]}
    - {key: atoms.q, linspace: [0.3, 0.9, 4]}
  series: [energy]
"""


def check_sweep(folder):
    """A sweep over two parameters is a phase diagram, with nothing said of its axes."""
    config, path = (os.path.join(folder, "phase." + suffix) for suffix in ("yaml", "nc"))
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(SWEEP)
    subprocess.run([os.environ["UMASER"], "sweep", config, "-o", path, "--quiet"], check=True)
    with xarray.open_dataset(path) as dataset:
        assert dataset.plateau_energy.dims == ("theta", "q"), dataset.plateau_energy.dims
        assert {"theta", "q"} <= set(dataset.coords)
        assert (dataset.theta.values == [0.8, 1.1, 1.4, 1.7, 2]).all(), dataset.theta.values
        assert dataset.q.attrs["key"] == "atoms.q"
        assert dataset.plateau_energy.attrs["units"] == "omega"
        assert dataset.energy.dims == ("theta", "q", "record")
        assert (dataset.energy[..., -1] == dataset.final_energy).all()
        assert (dataset.status == 0).all()
        single = subprocess.run(
            [os.environ["UMASER"], "run", config, "--json", "--quiet", "-o", os.path.join(folder, "one.nc"),
             "--set", "interaction.theta=1.1", "--set", "atoms.q=0.3"], stdout=subprocess.PIPE, check=True)
        energy = json.loads(single.stdout)["plateau"]["energy"]
        found = float(dataset.plateau_energy.sel(theta=1.1, q=0.3, method="nearest"))
        assert abs(found - energy) <= 1e-12, (found, energy)
        check_diagram(dataset)


def check_diagram(dataset):
    try:
        import matplotlib
    except ImportError:
        print("matplotlib is not installed: the phase diagram was not drawn")
        return
    matplotlib.use("Agg")
    mesh = dataset.plateau_energy.plot()
    axes = mesh.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("atoms.q", "interaction.theta")
    assert mesh.get_array().size == 20


with tempfile.TemporaryDirectory() as folder:
    config = os.path.join(folder, "config.yaml")
    path = os.path.join(folder, "result.nc")
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(CONFIG)
    run = subprocess.run([os.environ["UMASER"], "run", config, "-o", path, "--json", "--quiet"],
                         stdout=subprocess.PIPE, check=True)
    summary = json.loads(run.stdout)
    with xarray.open_dataset(path) as dataset:
        check_series(dataset, summary)
        check_states(dataset, summary)
        check_attributes(dataset, summary)
    check_append(path, folder)
    check_sweep(folder)
