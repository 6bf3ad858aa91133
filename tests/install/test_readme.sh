# The README's configuration runs, and its Python lines read the result with xarray and nothing else.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${UM_PYTHON:-$UM_SOURCE_DIR/.venv/bin/python}

# block LANGUAGE: the lines of the README's block in it
block() { awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```$/ { inside = 0 } inside' "$UM_SOURCE_DIR/README.md"; }

cd "$work"
block yaml >battery.yaml
[ "$(grep -c . battery.yaml)" -le 10 ] || { echo "the README says ten lines"; exit 1; }
"$UMASER" check battery.yaml >resolved.yaml
"$UMASER" run battery.yaml --quiet --set 'stages=[{charge: 3000}]' >summary
"$python" -c 'import xarray, netCDF4' 2>"$work/log" || {
    tail -n 1 "$work/log"
    echo "skipped after the run: no xarray for $python; ./do test installs it"
    exit 77
}
block python | grep -v matplotlib >read.py
"$python" read.py >printed
grep -q '^3\.8780792[0-9]* omega$' printed || { echo "README's Python prints:"; cat printed; exit 1; }
grep -q 'theta: 1,' printed || { echo "the configuration is not in the file:"; cat printed; exit 1; }
cat >every.py <<'END'
import numpy as np
import xarray

data = xarray.open_dataset("battery.nc")
assert data.energy.dims == ("record",), data.energy.dims
assert "collision" in data.coords and data.collision.dtype.kind == "i"
assert data.collision[0] == 0 and data.collision[-1] == 3000
thirty = data.energy.values[np.flatnonzero(data.collision.values == 32)[0]]
for name, variable in data.data_vars.items():
    if "record" in variable.dims:
        assert variable.attrs["units"] and variable.attrs["long_name"], name
assert abs(data.energy[0]) < 1e-15 and 3.8 < thirty < 4
END
"$python" every.py
