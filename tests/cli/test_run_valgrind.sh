# `umaser run` under valgrind: no error and no leak, in success, refusal and interruption.
if ! command -v valgrind >/dev/null; then
    echo "skipped: no valgrind"
    exit 0
fi
if nm "$UMASER" 2>/dev/null | grep -q -e __asan_init -e __tsan_init -e __msan_init; then
    echo "skipped: built with sanitizers, which do not run under valgrind"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
# glibc keeps the path it took from LOCPATH.
unset LOCPATH
# Old valgrind knows no AVX-512.
export UMASER_KERNEL=avx2 OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=1
grep -q -w avx2 /proc/cpuinfo || export UMASER_KERNEL=reference OPENBLAS_CORETYPE=Prescott

# Threads of OpenBLAS and tables of HDF5 live until the process ends.
cat >libraries.supp <<'SUPPRESSIONS'
{
   openblas
   Memcheck:Leak
   ...
   obj:*openblas*
}
{
   hdf5
   Memcheck:Leak
   ...
   obj:*libhdf5*
}
{
   netcdf
   Memcheck:Leak
   ...
   obj:*libnetcdf*
}
{
   hdf5-writes-padding
   Memcheck:Param
   pwrite64(buf)
   ...
   obj:*libhdf5*
}
SUPPRESSIONS

# clean CODE ARGUMENT...: that exit code and nothing for valgrind to say
clean()
{
    local code=$1
    shift
    valgrind -q --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect,possible --suppressions=libraries.supp \
        --suppressions="$UM_SOURCE_DIR/tools/valgrind.supp" \
        --error-exitcode=99 --log-file=log "$UMASER" "$@" >stdout 2>stderr
    local got=$?
    if [ $got -ne "$code" ] || [ -s log ]; then
        echo "FAILED: exit $got instead of $code: umaser $*"
        cat stderr log
        failed=1
    fi
}

cat >job.yaml <<'YAML'
battery: {initial: {coherent: [0.5, 0.5]}}
atoms: {q: 0.25, c: 0.9, phase: 0.3}
interaction: {g: 0.5, tau: 2}
stages:
  - charge: 40
  - {charge: 5, atoms: {detuning: 0.1}}
  - {charge: 3, interaction: {counter_rotating: 1, g: 0.1, tau: 1}}
record:
  states: [3]
  wigner: {at: [3], grid: [-3, 3, 9]}
  fidelity_with: {fock: 1}
YAML
clean 0 run job.yaml --json
clean 0 run job.yaml -o job.csv --quiet
clean 0 run job.yaml --set 'battery.initial={file: job.nc, record: last}' -o next.nc
clean 4 run job.yaml
clean 2 run job.yaml --set atoms.qq=1 --json
clean 3 run job.yaml -o few.nc --set battery.levels=12 --set accuracy.truncation=1e-4 --json
clean 0 check job.yaml
clean 0 plot job.nc --format text
exit $failed
