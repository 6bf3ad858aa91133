# tools/check_links: the project's pages lead somewhere; a link to nothing is found.
. "$UM_SOURCE_DIR/tests/cli/check.bash"
check=$tools/check_links
page()
{
    make_tree
    mkdir -p "$tree/docs"
    printf '# One page\n\n## The `um_map` *interface*\n' >"$tree/docs/one.md"
    echo "$1" >"$tree/docs/two.md"
}

accepts "the project" "$check" "$UM_SOURCE_DIR"
page '[a](one.md) [b](one.md#the-um_map-interface) [c](../cli/main.c) [d](https://example.org/x) `[e](f)`'
accepts "links that lead somewhere" "$check" "$tree"
page '[a](three.md)'
refuses "a link to no file" 'nothing at three.md' "$check" "$tree"
page '[a](one.md#the-end)'
refuses "a link to no heading" "no heading 'the-end'" "$check" "$tree"
page '![figure](plateau.svg)'
refuses "a figure that is not there" 'nothing at plateau.svg' "$check" "$tree"
exit $status
