# tools/check_floors: the project passes, each kind of breach is named.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_floors
breach()
{
    local what=$1 pattern=$2 file=$3 line=$4
    make_tree
    echo "$line" >>"$tree/$file"
    refuses "$what" "$pattern" "$check" "$tree"
}

accepts "the project" "$check" "$UM_SOURCE_DIR"
make_tree
accepts "a clean tree" "$check" "$tree"
breach "base including observe" 'energy.h.*observe does not stand below base' src/base/base.h '#include "observe/energy.h"'
breach "observe including map, its neighbour" 'map does not stand below' src/observe/energy.c '#include "map/map.h"'
breach "a public header above its floor" 'charge does not stand below' include/umaser/base.h '#include "umaser/charge.h"'
breach "BLAS outside linalg" 'belongs to src/linalg' src/observe/energy.c '#include <cblas.h>'
breach "netCDF outside io" 'belongs to src/io' src/observe/energy.c '#include <netcdf.h>'
breach "a kernel that knows states" 'raw arrays' src/map/kernels/stencil.c '#include "state/state.h"'
breach "the program reaching inside" 'cli includes' cli/main.c '#include "base/base.h"'
breach "an unknown module" 'no such module' src/observe/energy.c '#include "odds/ends.h"'
breach "a library that prints" 'never prints' src/observe/energy.c 'void f(void) { printf("x"); }'
breach "a library that exits" 'never prints' src/observe/energy.c 'void f(void) { exit (1); }'
make_tree
echo '/* printf( in a comment, "snprintf(" */ int f(char *t) { return snprintf(t, 1, "x"); }' \
    >>"$tree/src/observe/energy.c"
accepts "snprintf, and a comment" "$check" "$tree"
refuses "an empty folder" 'no src' "$check" "$work"
exit $status
