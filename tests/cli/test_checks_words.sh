# tools/check_words: no path of one machine in the project; one in a tree is found, relative ones pass.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_words

accepts "the project" "$check" "$UM_SOURCE_DIR"
make_tree
echo 'cp "$dir/work/a" ../home/b "${out}/work/c"; see https://example.org/home/page' >"$tree/relative.sh"
accepts "relative paths" "$check" "$tree"
# Put together here, or this file would be found.
for first in home work root Users; do
    make_tree
    printf 'open("%s");\n' "/$first/somebody/data.nc" >"$tree/cli/main.c"
    refuses "a path under $first" 'one machine' "$check" "$tree"
done
make_tree
printf '%s HEAD\n' '<<<<<<<' >"$tree/cli/main.c"
refuses "an unresolved merge" 'merge' "$check" "$tree"
exit $status
