# The installed library as another project sees it: through pkg-config (shared and static), through
# find_package, from C and as C++, without one path of the source tree.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
here=$UM_SOURCE_DIR/tests/install
sanitizers=$(sed -n 's/^UM_SANITIZE:STRING=//p' "$UM_BUILD_DIR/CMakeCache.txt")
flags=${sanitizers:+-fsanitize=$sanitizers}

cmake --install "$UM_BUILD_DIR" --prefix "$prefix" >"$work/log" || { cat "$work/log"; exit 1; }
libraries=$(dirname "$(find "$prefix" -name libumaser.so)")

for part in bin/umaser include/umaser/umaser.h share/man/man1/umaser.1 \
    share/bash-completion/completions/umaser; do
    [ -s "$prefix/$part" ] || { echo "not installed: $part"; exit 1; }
done
version=$("$prefix/bin/umaser" --version | head -n 1)
case $version in *"$(sed -n 's/#define UM_VERSION "\(.*\)"/\1/p' "$prefix/include/umaser/base.h")"*) ;; *)
    echo "installed program says '$version'"
    exit 1
    ;;
esac

export PKG_CONFIG_PATH=$libraries/pkgconfig
if grep -q "$UM_SOURCE_DIR\|$UM_BUILD_DIR" "$PKG_CONFIG_PATH/umaser.pc"; then
    echo "umaser.pc names the source tree"
    exit 1
fi
query() { pkg-config "$@" umaser; }

cc -std=c17 -Wall -Wextra -Werror $flags $(query --cflags) "$here/consume.c" -o "$work/shared" \
    $(query --libs) -lm
LD_LIBRARY_PATH=$libraries "$work/shared"
ldd_line=$(LD_LIBRARY_PATH=$libraries ldd "$work/shared" | grep libumaser)
case $ldd_line in *"$prefix"*) ;; *) echo "linked to another libumaser: $ldd_line"; exit 1 ;; esac

cc -std=c17 $flags $(query --cflags) "$here/consume.c" -o "$work/static" \
    "$libraries/libumaser.a" $(query --libs --static | sed 's/-lumaser//')
"$work/static"

# The README's program prints what the README says.
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$UM_SOURCE_DIR/README.md" >"$work/readme.c"
expected=$(sed -n 's/^It prints `\([^`]*\)`.*/\1/p' "$UM_SOURCE_DIR/README.md")
cc -std=c17 -Wall -Werror $flags $(query --cflags) "$work/readme.c" -o "$work/readme" $(query --libs)
printed=$(LD_LIBRARY_PATH=$libraries "$work/readme")
[ "$printed" = "$expected" ] || { echo "README: '$expected', it prints '$printed'"; exit 1; }

mkdir "$work/project"
cp "$here/consume.c" "$work/project/"
cat >"$work/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(consume C)
find_package(umaser 0.1 REQUIRED)
add_executable(consume consume.c)
target_link_libraries(consume PRIVATE umaser::umaser m)
END
cmake -G Ninja -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_FLAGS="$flags" >"$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/project/build" >"$work/log" || { cat "$work/log"; exit 1; }
"$work/project/build/consume"
if grep -rq "$UM_SOURCE_DIR" "$prefix"/lib*/cmake "$prefix"/lib/*/cmake 2>/dev/null; then
    echo "the CMake package names the source tree"
    exit 1
fi
