# tools/check_headers: the project passes, headers that need help to compile do not.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_headers
header=include/umaser/base.h

accepts "the project" "$check" "$UM_SOURCE_DIR"
make_tree
accepts "a clean tree" "$check" "$tree"
sed -i 's/(int value)/(size_t value)/' "$tree/$header"
refuses "a header that forgets an include" 'size_t' "$check" "$tree"
make_tree
sed -i 's/(int value)/(int class)/' "$tree/$header"
refuses "a header that is not C++" 'class' "$check" "$tree"
make_tree
sed -i '/ifndef\|define BASE_H/d; $d' "$tree/$header"
echo 'struct um_twice { int a; };' >>"$tree/$header"
refuses "a header without a guard" 'um_twice' "$check" "$tree"
make_tree
sed -i '/__cplusplus/,/#endif/d' "$tree/$header"
refuses "a header without extern C" 'no extern' "$check" "$tree"
exit $status
