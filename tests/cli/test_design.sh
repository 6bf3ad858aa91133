# umaser design as a user sees it: table, JSON and CSV say the same; a row is a configuration that
# gives the plateau; wrong options are named with what is allowed; figures.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0
fail() { echo "FAILED: $*"; failed=1; }

# refused CODE PATTERN ARGUMENT...
refused() {
    local expected=$1 pattern=$2 code=0
    shift 2
    "$UMASER" design "$@" >out 2>err || code=$?
    [ "$code" = "$expected" ] || fail "design $*: exit code $code, expected $expected"
    grep -q -e "$pattern" err || { fail "design $*: no word of '$pattern':"; cat err; }
    [ "$(wc -l <err)" = 1 ] || fail "design $*: more than one line"
}
refused 2 "energy: '4x'" --energy 4x
refused 2 "energy: -1; it must be finite and more than 0" --energy -1
refused 2 "both wanted" --energy 1 --ergotropy 1
refused 2 "q: the range 0.9 to 0.1" --q 0.9:0.1
refused 2 "q: .*'high'" --q 0.1:high
refused 2 "theta: the range 0 to 1" --theta 0:1
refused 2 "half-turns: 1.5 is not a whole number" --half-turns 1.5
refused 2 "half_turns: 0; 1 to 99 are allowed" --half-turns 0
refused 2 "theta_error: 0.5; more than 0 and less than 0.1" --theta-error 0.5
refused 2 "tolerance: 0; more than 0 and less than 1" --tolerance 0
refused 2 "rows: 0; 1 to 10000" --rows 0
refused 2 "levels: -1; 0 to 4096" --levels -1
refused 2 "'foo' is not an option" foo
refused 2 "'--rows' needs a value" --rows
refused 2 "no option '--depth'" --depth 3
refused 2 "does not apply" --resume
refused 2 "ends in .csv" -o designs.nc
refused 4 "none.yaml" --battery none.yaml
refused 4 "/nonexistent" --levels 0 --rows 1 -o /nonexistent/designs.csv

# JSON, CSV and the table.
"$UMASER" design --energy 4 --theta 0.7:1.2 --json -o designs.csv >designs.json 2>err || fail "design"
[ -s err ] && { fail "design wrote to stderr:"; cat err; }
"$UMASER" design --energy 4 --theta 0.7:1.2 >table || fail "table"
python3 - <<'END' || failed=1
import csv, json
found = json.load(open("designs.json"))
rows = list(csv.DictReader(open("designs.csv")))
designs = found["designs"]
assert found["status"] == "done" and found["wanted"] == 4 and found["target"] == "energy"
assert len(rows) == len(designs) == found["found"] == 14, len(designs)
assert [d["trap"] for d in designs] == list(range(6, 20))
for row, design in zip(rows, designs):
    assert list(row) == list(design)
    for name in row:
        assert (float(row[name]) if row[name] else None) == design[name], name
    assert abs(design["energy"] - 4) < 1e-12 and design["ergotropy"] == design["energy"]
    assert design["purity"] == 1 and design["leak"] == 0 and design["half_turns"] == 1
lines = [line.split() for line in open("table")]
for design in designs:
    line = next(l for l in lines if l and l[0] == str(design["trap"]))
    assert float(line[1]) == round(design["theta"], 6) and abs(float(line[3]) - design["q"]) < 1e-5
END

# A row as a configuration: the plateau is there.
{
    grep -A 2 'as a configuration' table | tail -2 | sed 's/^  //'
    echo "stages: [charge: 2000]"
} >row.yaml
"$UMASER" run row.yaml --json --quiet -o row.nc >row.json || fail "the row is not a configuration"
python3 - <<'END' || failed=1
import json
plateau = json.load(open("row.json"))["plateau"]
design = json.load(open("designs.json"))["designs"][0]
assert abs(plateau["energy"] - 4) < 1e-9 and abs(plateau["purity"] - 1) < 1e-9, plateau
assert plateau["charging_time"] == design["charging_time"], (plateau, design)
END

# Nothing found: an empty table, said so, exit code 0.
"$UMASER" design --energy 100 --theta 0.9:1.3 -o none.csv >none || fail "no design: exit code $?"
grep -q "no design: the .* traps in range reach values of energy from" none || fail "no design: not said"
[ "$(wc -l <none.csv)" = 1 ] || fail "no design: the CSV is not a header alone"
"$UMASER" design --theta 1 >none || fail "no trap: exit code $?"
grep -q "no trap has its theta within 1 to 1" none || fail "no trap: not said"
[ "$("$UMASER" design --energy 100 --theta 0.9:1.3 --json | grep -c '"designs": \[\]')" = 1 ] ||
    fail "no design: JSON"
"$UMASER" design --theta 0.9:1 --quiet >quiet || fail "quiet"
[ -s quiet ] && fail "--quiet prints"

# An existing file stays without --force.
code=0
"$UMASER" design --energy 4 --levels 0 -o designs.csv >out 2>err || code=$?
[ "$code" = 4 ] && grep -q "exists already" err || fail "an existing table is replaced"
"$UMASER" design --energy 4 --levels 0 -f -o designs.csv >out || fail "--force"
grep -q "more: --rows" out || fail "rows left out are not counted"

# A battery of one's own, from a configuration that says nothing else.
cat >own.yaml <<'END'
battery:
  kind: custom
  energies: [0, 1, 2, 3, 4, 5]
  lowering: [0, 1.1, 0.9, 1.3, 1.2, 1.0]
END
"$UMASER" design --battery own.yaml --theta 0.5:6 >out || fail "own battery"
grep -q "pi/|d_3|" out || fail "own battery: no trap at level 2"
sed 's/5\]/5.5]/' own.yaml >uneven.yaml
refused 2 "uneven.yaml:3: battery.energies: the levels are not one omega apart" --battery uneven.yaml
echo "battery: {kind: ladder}" >ladder.yaml
refused 2 "ladder.yaml:1: battery.kind: .*geometric" --battery ladder.yaml
echo "battery: {kind: custm}" >wrong.yaml
refused 2 "wrong.yaml:1: battery.kind: .*custom" --battery wrong.yaml

# Figures.
"$UMASER" plot designs.csv --format text >figure || fail "plot as text"
[ "$(wc -l <figure)" -ge 15 ] || fail "plot as text: lines are missing"
code=0
"$UMASER" plot none.csv >out 2>err || code=$?
[ "$code" = 2 ] && grep -q "empty" err || fail "an empty table is drawn"
if command -v gnuplot >/dev/null; then
    "$UMASER" design --theta 0.9:3 --q 0.25 --half-turns 3 --rows 18 --quiet -o many.csv || fail "many"
    "$UMASER" plot many.csv >out || fail "plot"
    grep -q '</svg>' many.svg || fail "no figure"
fi
exit $failed
