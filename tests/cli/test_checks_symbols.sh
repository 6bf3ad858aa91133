# tools/check_symbols: the library exports um_ alone; a library that leaks an inner name is refused.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_symbols
compile()
{
    echo "$1" | cc -shared -fPIC -x c - -o "$work/lib.so"
}

accepts "libumaser" "$check" "$UM_BUILD_DIR/libumaser.so"
compile 'int um_one(void) { return 1; }'
accepts "a library of one function" "$check" "$work/lib.so"
compile 'int um_one(void) { return 1; } int umi_two(void) { return 2; }'
refuses "an inner function" 'umi_two' "$check" "$work/lib.so"
compile 'int um_one(void) { return 1; } int cblas_count;'
refuses "a variable" 'cblas_count' "$check" "$work/lib.so"
compile 'static int hidden; int *um_none(void) __attribute__((visibility("hidden"))); int *um_none(void) { return &hidden; }'
refuses "a library that exports nothing" 'nothing' "$check" "$work/lib.so"
exit $status
