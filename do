#!/bin/bash
# What a newcomer needs: installs the missing packages, builds, shows, tests, measures.
set -eu
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")"

BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libopenblas-dev liblapacke-dev libsuitesparse-dev libnetcdf-dev libyaml-dev libsqlite3-dev librandom123-dev"
TEST_PACKAGES="g++ libcmocka-dev libcjson-dev python3 python3-venv valgrind binutils locales libopenmpi-dev openmpi-bin"
BENCH_PACKAGES="python3 python3-venv"
# Where there is no dpkg: what shows that a part is there, as the compiler and CMake look for it.
BUILD_COMMANDS="cc cmake ninja pkg-config"
BUILD_MODULES="openblas netcdf yaml-0.1 sqlite3"

usage()
{
    cat <<'END'
usage: ./do COMMAND
  build   the program build/umaser and the library      (installs what is missing)
  demo    a battery charges: summary and figure         (installs, builds, runs)
  test    every test, then sanitizers and valgrind      (installs, builds; under ten minutes)
  bench   side by side with QuTiP and SciPy             (installs, builds; docs/performance.md)
  docs    the figures of the worked examples and the man page, in build/docs
  clean   remove build/
UM_TEST_EFFORT=10 ./do test: random tests ten times as long, more of them under the sanitizers.
END
}

say() { printf '\n== %s\n' "$*"; }
fail() { printf './do: %s\n' "$*" >&2; exit 1; }

# Packages that are not installed, one per line.
missing()
{
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages()
{
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        check_foreign "$@"
        return
    fi
    local needed
    needed=$(missing "$@")
    [ -n "$needed" ] || return 0
    needed=$(echo $needed)
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        fail "needs these packages and may not install them (neither root nor sudo): $needed"
    say "installing $needed"
    # Lists that could not be refreshed may still be good enough.
    as_root apt-get -q update || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $needed ||
        fail "could not install: $needed"
}

# Not Debian: build with what is there, or say what is needed.
check_foreign()
{
    local part absent=""
    for part in $BUILD_COMMANDS; do
        command -v "$part" >/dev/null || absent="$absent $part"
    done
    for part in $BUILD_MODULES; do
        pkg-config --exists "$part" 2>/dev/null || absent="$absent $part"
    done
    [ -z "$absent" ] ||
        fail "not found:$absent. Install what your system calls these Debian packages: $*"
}

# Any gnuplot on the PATH serves: installing another one would replace the user's.
install_gnuplot()
{
    command -v gnuplot >/dev/null || install_packages gnuplot-nox
}

# A virtual environment with these Python packages; nothing outside it is touched.
install_python()
{
    local stamp
    stamp=".venv/$(echo "$*" | tr -c 'A-Za-z0-9\n' '_')"
    [ -e "$stamp" ] && return 0
    say "installing into .venv: $*"
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf .venv
        python3 -m venv .venv || return 1
    fi
    .venv/bin/python -m pip install --quiet --retries 1 --timeout 20 --disable-pip-version-check \
        "$@" 2>build/pip.log || { tail -n 1 build/pip.log; return 1; }
    touch "$stamp"
}

# build PRESET [OPTION...]: CMake itself finds out what has changed since the last time.
build()
{
    local preset=$1
    shift
    cmake --preset "$preset" "$@" -Wno-dev --log-level=WARNING >/dev/null
    cmake --build --preset "$preset"
}

do_build()
{
    install_packages $BUILD_PACKAGES
    say "building"
    # The tests need more packages; a tree that already has them keeps them.
    if [ -e build/CMakeCache.txt ]; then build release; else build release -DUM_TESTS=OFF; fi
}

do_demo()
{
    do_build
    install_gnuplot
    say "a micromaser battery charges: examples/plateau.yaml"
    build/umaser run examples/plateau.yaml -o build/plateau.nc --force
    build/umaser plot build/plateau.nc -o build/plateau.svg --force
    say "figure: $PWD/build/plateau.svg   results: $PWD/build/plateau.nc"
}

# The tests try a decimal comma: a German locale of our own, without touching the system's.
make_german_locale()
{
    mkdir -p build/locale
    [ -d build/locale/de_DE.UTF-8 ] || [ -d build/locale/de_DE.utf8 ] ||
        localedef -i de_DE -f UTF-8 build/locale/de_DE.UTF-8 >/dev/null 2>&1 || {
        echo "no German locale: the tests of it will be skipped"
        return 0
    }
}

# A sanitized or emulated program takes five to fifty times as long: by default the programs that
# cover the most code per second, with UM_TEST_EFFORT above 1 everything but the endurance runs.
do_test()
{
    local effort=${UM_TEST_EFFORT:-1} subset='^(unit|conformance|fault)\.'
    [ "$effort" -gt 1 ] && subset='^(unit|conformance|fault|property|cli|systems)\.'
    install_packages $BUILD_PACKAGES $TEST_PACKAGES
    install_gnuplot
    mkdir -p build
    make_german_locale
    if install_python xarray netCDF4 matplotlib; then
        export UM_PYTHON=$PWD/.venv/bin/python
    else
        echo "no xarray: the tests that read results with it will be skipped"
    fi
    say "building"
    build release -DUM_TESTS=ON
    say "tests"
    LOCPATH=$PWD/build/locale ctest --preset release -j "$(nproc)"
    say "address and undefined-behaviour sanitizers"
    build asan-ubsan -DUM_TESTS=ON
    ctest --preset asan-ubsan -j "$(nproc)" -R "$subset"
    say "valgrind"
    tools/run_valgrind build
    say "all tests passed"
}

do_bench()
{
    install_packages $BUILD_PACKAGES $BENCH_PACKAGES
    mkdir -p build
    install_gnuplot
    install_python 'qutip>=5,<6' numpy scipy netCDF4 || fail "the contestants could not be installed"
    do_build
    cmake --build build --target bench_programs
    .venv/bin/python bench/run.py "$@"
}

# Every worked example run and drawn, so that the pages can be read beside fresh figures.
do_docs()
{
    do_build
    install_gnuplot
    mkdir -p build/docs
    local example name
    for example in examples/*.yaml; do
        name=$(basename "$example" .yaml)
        say "$example"
        build/umaser run "$example" -o "build/docs/$name.nc" --force --quiet
        build/umaser plot "build/docs/$name.nc" -o "build/docs/$name.svg" --force
    done
    cp docs/*.md docs/performance-*.svg docs/man/umaser.1 build/docs/
    say "pages and figures: $PWD/build/docs"
}

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
build) do_build ;;
demo) do_demo ;;
test) do_test ;;
bench) do_bench "$@" ;;
docs) do_docs ;;
clean) rm -rf build ;;
"" | help | -h | --help) usage ;;
*)
    usage >&2
    fail "unknown command '$command'"
    ;;
esac
