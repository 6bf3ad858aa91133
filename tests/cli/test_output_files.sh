# Output files of `umaser run`: never overwritten, never half written, the reason when they fail.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
cd "$work" || exit 1
export TMPDIR=$work # what is rescued goes there

complain() { echo "FAILED: $*"; failed=1; }

# exits CODE WORDS COMMAND...: that exit code, those words on stderr
exits()
{
    local code=$1 words=$2
    shift 2
    "$@" >stdout 2>stderr
    local got=$?
    [ $got -eq "$code" ] || { complain "exit $got instead of $code: $*"; cat stderr; }
    [ -z "$words" ] || grep -q -e "$words" stderr || { complain "no word of '$words': $*"; cat stderr; }
}

cat >job.yaml <<'YAML'
interaction: {theta: 1.0}
atoms: {q: 0.25, c: 1}
stages: [{charge: 30}]
YAML
run="$UMASER run job.yaml --quiet"

exits 0 "" $run -o result.nc
head -c 4 result.nc | tail -c 3 | grep -q HDF || complain "result.nc is not HDF5"

sum=$(cksum <result.nc)
exits 4 "result.nc.*exists" $run -o result.nc
[ "$(cksum <result.nc)" = "$sum" ] || complain "an existing result changed without --force"
exits 0 "" $run -o result.nc --force
[ "$(cksum <result.nc)" != "$sum" ] || complain "--force left the old result"

exits 0 "" $run --set atoms.q=0.3 -o overridden.nc
grep -a -q -e "--set atoms.q=0.3" overridden.nc || complain "the result does not say what was overridden"

exits 2 "result.json.*--json" $run -o result.json
[ ! -e result.json ] || complain "netCDF under the name of JSON"

exits 0 "" $run -o result.csv
head -1 result.csv | grep -q '^stage,collision,time,energy,' || complain "result.csv has no header"
[ "$(wc -l <result.csv)" -gt 20 ] || complain "result.csv has too few records"
exits 4 "result.csv.*exists" $run -o result.csv

exits 4 "No such file or directory" $run -o nowhere/result.nc

# netCDF is loaded for its own files alone: without it only they are refused, and before a collision.
library=$(grep -a -o -m 1 'libnetcdf\.[a-z0-9.]*' "$UMASER" | head -n 1)
mkdir without && echo "no library" >"without/$library"
exits 5 "$library.*CSV" env LD_LIBRARY_PATH=without $run --set "stages=[{charge: 1e9}]" -o missing.nc
exits 0 "" env LD_LIBRARY_PATH=without $run -o without.csv
cmp -s result.csv without.csv || complain "CSV differs without netCDF"

# JSON is the same number for number in a locale with a decimal comma.
exits 0 "" env LC_ALL=C $run -o a.nc --json
sed 's/"wall_seconds": {[^}]*}//' stdout >plain.json
exits 0 "" env LC_ALL=de_DE.UTF-8 $run -o b.nc --json
sed 's/"wall_seconds": {[^}]*}//' stdout >german.json
cmp -s plain.json german.json || complain "JSON depends on the locale"
exits 0 "" env LC_ALL=de_DE.UTF-8 $run -o german.csv
cmp -s result.csv german.csv || complain "CSV depends on the locale"

# Two runs that write the same file: exactly one wins.
$run -o raced.nc 2>first &
one=$!
$run -o raced.nc 2>second &
two=$!
wait $one; a=$?
wait $two; b=$?
case "$a $b" in
"0 4" | "4 0") ;;
*) complain "two runs writing one file ended with $a and $b"; cat first second ;;
esac

ls -A | grep -q -e '\.tmp$' && complain "temporaries are left: $(ls -A)"
exit $failed
