# The help fits 80 columns; help, man page and completions name the same commands, options,
# configuration keys and observables as the program knows.
set -eu
docs=$UM_SOURCE_DIR/docs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
same() { # what, expected words, found words
    [ "$2" = "$3" ] || { fail "$1"; echo "  expected: $2"; echo "  found:    $3"; }
}
words() { tr -s ' \n' '\n\n' | sed '/^$/d' | sort -u | tr '\n' ' '; }

for topic in "" run steady design sweep merge check plot help observables summaries config; do
    "$UMASER" help $topic >"$work/help$topic" 2>"$work/stderr" || fail "help $topic: exit code $?"
    [ -s "$work/stderr" ] && fail "help $topic wrote to stderr"
    LC_ALL=C awk -v topic="$topic" 'length($0) > 80 {print "help " topic ": " $0; bad = 1} END {exit bad}' \
        "$work/help$topic" || fail "help $topic is wider than 80 columns"
    grep -q ' $' "$work/help$topic" && fail "help $topic: blanks at the end of a line"
    true
done
code=0
"$UMASER" help no-such-topic >/dev/null 2>"$work/stderr" || code=$?
same "exit code of an unknown topic" 2 "$code"
grep -q observables "$work/stderr" || fail "an unknown topic is not told the known ones"
for way in "--help" "run --help" "plot -h"; do
    "$UMASER" $way >"$work/way" || fail "$way: exit code $?"
    [ -s "$work/way" ] || fail "$way prints nothing"
done

# Options: what the program takes for each command (found by trying), what the help, the man page
# and each completion say.
help_options() { sed -n 's/^  \( \|-., \) *--\([a-z-]*\).*/\2/p' "$work/help$1" | words; }
all=
for command in run steady design sweep merge check plot; do
    taken=
    for option in output force set resume json threads seed status retry-failed shard stage eigenvalues energy ergotropy q theta \
        half-turns theta-error tolerance battery rows levels format what at quiet help; do
        case $option in
        output | set | threads | seed | shard | stage | eigenvalues | energy | ergotropy | q | theta | half-turns | theta-error | tolerance | \
            battery | rows | levels | format | what | at) value=1 ;;
        *) value= ;;
        esac
        # A file that does not exist: the option is judged before it.
        message=$("$UMASER" $command --$option $value /nonexistent/x 2>&1 || true)
        case $message in
        *"does not apply"* | *"no option"*) ;;
        *) taken="$taken $option" ;;
        esac
    done
    taken=$(echo $taken | words)
    all="$all $taken"
    same "options in help $command" "$taken" "$(help_options $command)"
    same "options in bash completion of $command" "$taken" \
        "$(sed -n "s/^ *$command) options=\"\(.*\)\" .*/\1/p" "$docs/completion/umaser.bash" | sed 's/--//g' | words)"
    same "options in zsh completion of $command" "$taken" \
        "$(sed -n "/^    $command)/,/;;/p" "$docs/completion/_umaser" |
            sed -n "s/.*--\([a-z-]*\)[}\[].*/\1/p" | words)"
    same "options in fish completion of $command" "$taken" \
        "$( (grep -F "\$$command" "$docs/completion/umaser.fish"; echo ' -l help') |
            sed -n 's/.* -l \([a-z-]*\).*/\1/p' | words)"
done
man_options=$(sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' "$docs/man/umaser.1" |
    sed -n 's/\\-/-/g; s/^\.B.* --\([a-z-]*\).*/\1/p; s/^\.BR --\([a-z-]*\).*/\1/p' | words)
same "options in the man page" "$(echo "$all version" | words)" "$man_options"

# Which commands an option is for, as the man page puts it in brackets.
for command in run steady design sweep merge check plot; do
    same "man page, options of $command" "$(help_options $command)" \
        "$( (sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' "$docs/man/umaser.1" | grep "^\.BR.*[( ]$command[,)]" |
            sed 's/\\-/-/g; s/.* --\([a-z-]*\).*/\1/; s/^\.BR --\([a-z-]*\).*/\1/'; echo quiet; echo help) | words)"
done

# Exit codes: help and man page.
same "exit codes in the man page" \
    "$(sed -n '/^Exit codes/,$s/^  \([0-9][0-9]*\) .*/\1/p' "$work/help" | words)" \
    "$(sed -n '/^\.SH EXIT/,/^\.SH FILES/s/^\.B \([0-9]*\)$/\1/p' "$docs/man/umaser.1" | words)"

# Values of --format and --what.
for value in svg pdf png text series populations wigner husimi spectrum designs; do
    for place in "$work/helpplot" "$docs/man/umaser.1" "$docs/completion/umaser.bash" \
        "$docs/completion/_umaser" "$docs/completion/umaser.fish"; do
        grep -qw -- "$value" "$place" || fail "$value is not in ${place##*/}"
    done
done

# Keys of the configuration: help config names all of this version; the completions offer them.
keys=$(sed -n 's/.*\(CHOICE\|NUMBER\|INTEGER\|SPECIAL\|QUANTITY\|MEASURE\|UMI_KEY_TEXT\)(\{0,1\}"\([a-zA-Z_.]*\)".*/\2/p
               s/.*\.path = "\([a-z._]*\)".*/\1/p' "$UM_SOURCE_DIR/src/io/config_schema.c" |
    grep -v '^interaction\.theta\.' | words)
for key in $keys; do
    grep -qE "(^|[ {])${key##*.}:" "$work/helpconfig" || fail "help config does not name $key"
done
for shell in umaser.bash _umaser umaser.fish; do
    same "configuration keys in $shell" "$keys" \
        "$(sed -n '/title battery.kind/,/accuracy.truncation/p' "$docs/completion/$shell" |
            grep -oE '(title|units|omega_si|seed|stages|[a-z]+(\.[a-zA-Z_]+)+)' | words)"
done

# Observables: those of the public header, in the help and (by way of it) in bash.
observables=$(sed -n 's/^ *X(UM_[A-Z0-9_]*, \\\{0,1\}$/&/; s/.*X(UM_[A-Z0-9_]*, "\([a-z0-9_]*\)".*/\1/p
                      s/^ *"\(ergotropy_power_instantaneous_interaction\)".*/\1/p' \
    "$UM_SOURCE_DIR/include/umaser/charge.h" | words)
listed=$(sed -n 's/^[* ] \([a-z][a-z0-9_]*\)\( .*\)\{0,1\}$/\1/p' "$work/helpobservables" | words)
same "observables in the help" "$observables" "$listed"

# bash completes.
PATH=$(dirname "$UMASER"):$PATH bash -s "$docs/completion/umaser.bash" >"$work/bash" <<'END' || fail "bash completion"
. "$1"
compopt() { :; }
try() {
    local line="$*"
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="${line// = /=}" COMP_POINT=1000 COMPREPLY=()
    _umaser
    echo "${COMPREPLY[@]}"
}
try umaser ru
try umaser plot --fo
try umaser plot --what w
try umaser run --set battery.le
try umaser run --set record.observables = erg
END
same "what bash completes" "run --force --format wigner battery.levels=" \
    "$(head -4 "$work/bash" | tr '\n' ' ' | sed 's/ $//')"
grep -q 'ergotropy_coherent' "$work/bash" || fail "bash does not complete observables"

# The shells and man accept the files, where they are installed.
if command -v zsh >/dev/null; then zsh -n "$docs/completion/_umaser" || fail "zsh"; fi
if command -v fish >/dev/null; then fish -n "$docs/completion/umaser.fish" || fail "fish"; fi
if command -v man >/dev/null; then
    man --warnings -E UTF-8 -l -Tutf8 -Z "$docs/man/umaser.1" 2>"$work/man" >/dev/null || true
    [ -s "$work/man" ] && { fail "man page:"; cat "$work/man"; }
fi
exit $failed
