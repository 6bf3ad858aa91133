# For the tests of tools/: what a checker must accept and what it must refuse.
tools=$UM_SOURCE_DIR/tools
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# accepts WHAT COMMAND...
accepts()
{
    local what=$1
    shift
    "$@" >"$work/said" 2>&1 || { echo "FAILED: $what should pass:"; cat "$work/said"; status=1; }
}

# refuses WHAT PATTERN COMMAND...: fails, and says why
refuses()
{
    local what=$1 pattern=$2
    shift 2
    if "$@" >"$work/said" 2>&1; then
        echo "FAILED: $what went unnoticed"
        status=1
    elif ! grep -q -e "$pattern" "$work/said"; then
        echo "FAILED: $what was refused without a word of '$pattern':"
        cat "$work/said"
        status=1
    fi
}

# A library of two modules and a program, in which nothing is wrong.
make_tree()
{
    tree=$work/tree
    rm -rf "$tree"
    mkdir -p "$tree"/{include/umaser,src/{base,observe,map/kernels},cli,tests/unit}
    cat >"$tree/include/umaser/base.h" <<'END'
#ifndef BASE_H
#define BASE_H
#ifdef __cplusplus
extern "C" {
#endif
#define UM_API
/**
 * computes  nothing
 * in        -
 * out       -
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API int um_base_get(int value);
#ifdef __cplusplus
}
#endif
#endif
END
    echo '#include "umaser/base.h"' >"$tree/src/base/base.h"
    printf '#include "base/base.h"\n#include <math.h>\n' >"$tree/src/observe/energy.c"
    echo '#include "base/base.h"' >"$tree/src/map/kernels/stencil.c"
    echo '#include "umaser/base.h"' >"$tree/include/umaser/umaser.h"
    echo '#include "umaser/umaser.h"' >"$tree/cli/main.c"
    echo 'int main(void) { return um_base_get(1); }' >"$tree/tests/unit/test_base.c"
}
