# umaser sweep under mpirun: the same bits for any number of ranks, however it ended before; no hang
# and one message where something is wrong.
command -v mpirun >/dev/null || { echo "skipped: no mpirun"; exit 77; }
[ -e "$UM_BUILD_DIR/umaser_mpi.so" ] || { echo "skipped: umaser was built without MPI"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
# Ranks may be more than processors, and root's in a container.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe

complain() { echo "FAILED: $*"; failed=1; }

# ranks N ARGUMENTS...: umaser sweep on N ranks; its exit code, words in the files stdout and stderr
ranks()
{
    local count=$1
    shift
    timeout -k 5 120 mpirun -n "$count" "$UMASER" sweep "$@" >stdout 2>stderr
    local code=$?
    [ $code -ne 124 ] && [ $code -ne 137 ] || complain "hangs: $count ranks: $*"
    return $code
}

# Lines of umaser's own, without what mpirun adds around them.
own_lines() { sed '/^-----/,$d; /^\[/d' stderr | grep -c .; }

cat >job.yaml <<'YAML'
atoms: {c: 1}
stages: [{charge: 200}]
sweep:
  axes:
    - {key: interaction.theta, linspace: [0.8, 2.2, 12]}
    - {key: atoms.q, values: [0.3, 0.5, 0.7, 0.85, 2]}   # the last one is no model
YAML
"$UMASER" sweep job.yaml -o whole.csv --quiet
[ $? -eq 3 ] || complain "without MPI: exit $?"

for count in 1 2 3; do
    ranks $count job.yaml -o "r$count.csv" --quiet
    [ $? -eq 3 ] || { complain "$count ranks: exit $?"; cat stderr; }
    cmp -s whole.csv "r$count.csv" || complain "$count ranks: other bits"
done
ranks 2 job.yaml -o threads.csv --quiet --threads 2
cmp -s whole.csv threads.csv || complain "2 ranks of 2 threads: other bits"
ranks 2 job.yaml -o json.nc --json
[ "$(grep -c '"umaser":' stdout)" -eq 1 ] && grep -q '"done": *60' stdout ||
    complain "not one JSON object: $(cat stdout)"

# begin N NAME: a long sweep in the background whose journal has begun; its process in $job
begin()
{
    mpirun -n "$1" "$UMASER" sweep long.yaml -o "$2" --quiet >stdout 2>stderr &
    job=$!
    for _ in $(seq 600); do
        points=$("$UMASER" sweep --status "$2" --json 2>/dev/null | sed -n 's/.*"done": *\([0-9]*\).*/\1/p')
        [ "${points:-0}" -gt 0 ] && return
        kill -0 $job 2>/dev/null || { complain "ended early"; cat stderr; return; }
        sleep 0.05
    done
    complain "no point was done"
}

# Ends within half a minute.
ends()
{
    for _ in $(seq 300); do
        kill -0 $job 2>/dev/null || { wait $job; return $?; }
        sleep 0.1
    done
    complain "$1: still there"
    kill -KILL $job
}

sed 's/charge: 200/charge: 100000/; s/, 2\]/]/' job.yaml >long.yaml
echo "accuracy: {method: step}" >>long.yaml
"$UMASER" sweep long.yaml -o long.csv --quiet --threads 2 || complain "the long sweep"

tries=0
# A sweep may end before it is told to: then once more.
while
    begin 2 stopped.csv
    kill -TERM $job
    ends "SIGTERM to mpirun" && [ ! -e stopped.csv ] && complain "SIGTERM to mpirun: exit 0 and no result"
    [ -e stopped.csv ] && [ $((tries += 1)) -lt 5 ]
do
    rm -f stopped.csv
done
[ $tries -lt 5 ] || complain "nothing was stopped"
ranks 2 long.yaml -o stopped.csv --quiet || { complain "after SIGTERM: exit $?"; cat stderr; }
cmp -s long.csv stopped.csv || complain "after SIGTERM: other bits"

for which in last first; do
    tries=0
    # On a loaded machine the sweep may end before anybody is hit: then once more.
    until
        begin 3 $which.csv
        victim=$(pgrep -P $job -f "$UMASER" | sort -n | if [ $which = last ]; then tail -1; else head -1; fi)
        kill -KILL $victim 2>/dev/null && [ ! -e $which.csv ]
    do
        wait $job
        rm -f $which.csv
        [ $((tries += 1)) -lt 5 ] || { complain "nobody to kill"; break; }
    done
    ends "SIGKILL of the $which rank" && complain "SIGKILL of the $which rank: exit 0"
    [ ! -e $which.csv ] || complain "SIGKILL of the $which rank: a result"
    ranks 3 long.yaml -o $which.csv --quiet || { complain "after SIGKILL: exit $?"; cat stderr; }
    cmp -s long.csv $which.csv || complain "after SIGKILL of the $which rank: other bits"
done

# What is wrong is said once, by rank 0.
sed 's/atoms.q/atoms.qq/' job.yaml >wrong.yaml
ranks 3 wrong.yaml -o wrong.csv
[ $? -eq 2 ] || complain "a wrong key: exit $?"
[ "$(own_lines)" -eq 1 ] || { complain "a wrong key: $(own_lines) messages"; cat stderr; }
ranks 3 job.yaml -o no/folder/x.csv
[ $? -eq 4 ] || complain "no folder: exit $?"
[ "$(own_lines)" -eq 1 ] || { complain "no folder: $(own_lines) messages"; cat stderr; }

UMASER_MPI=/nonexistent ranks 2 job.yaml -o missing.csv
[ $? -eq 5 ] || complain "without the part for MPI: exit $?"
grep -q "/nonexistent" stderr || { complain "without the part for MPI: no word of it"; cat stderr; }
exit $failed
