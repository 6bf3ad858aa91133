# tools/check_contracts: the project passes, each way of leaving a contract out is named.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_contracts
edited()
{
    local what=$1 pattern=$2 file=$3 edit=$4
    make_tree
    sed -i "$edit" "$tree/$file"
    refuses "$what" "$pattern" "$check" "$tree"
}

accepts "the project" "$check" "$UM_SOURCE_DIR"
make_tree
accepts "a clean tree" "$check" "$tree"
header=include/umaser/base.h
for field in computes in out aliasing owner errors cost source; do
    edited "a contract without $field" "um_base_get: the contract lacks '$field'" $header "/^ \* $field /d"
done
edited "a function without a contract" 'no contract' $header '/^\/\*\*/,/\*\//d'
edited "fields out of order" 'out of order' $header 's/ \* cost .*/ * in        twice/; s/ \* in  .*/ * cost      O(1)/'
edited "a function that is not exported" 'without UM_API' $header 's/^UM_API int/int/'
edited "a function without a test" 'no program' tests/unit/test_base.c 's/um_base_get/um_other/'
edited "a test that only mentions it" 'no program' tests/unit/test_base.c 's,.*,/* um_base_get(1) */,'
make_tree
printf 'UM_API int\num_base_set(int a,\n    int b);\n' >>"$tree/$header"
refuses "a declaration over several lines" 'um_base_set: no contract' "$check" "$tree"
exit $status
