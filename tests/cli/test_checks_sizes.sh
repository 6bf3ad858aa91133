# tools/check_sizes: every file of the project can be read at one go; a longer one is named.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_sizes

accepts "the project" "$check" "$UM_SOURCE_DIR"
make_tree
seq 600 | sed 's,.*,/* & */,' >"$tree/src/base/full.c"
accepts "a file of 600 lines" "$check" "$tree"
for name in src/base/long.c tests/unit/long.sh tests/unit/long.py; do
    make_tree
    seq 601 | sed 's,.*,# &,' >"$tree/$name"
    refuses "a $name of 601 lines" "$(basename $name): more than 600" "$check" "$tree"
done
make_tree
mkdir "$tree/build"
seq 601 >"$tree/build/generated.c"
accepts "a long file that was generated" "$check" "$tree"
exit $status
