"""Lines of bash: expansions, pipes, here-documents, traps, arrays, arithmetic, functions, jobs."""

from hypothesis import strategies as st

from tests.differential.generators.values import Draw
from tests.differential.model import Area, Question
from tests.sim.bash.corpora import FILES

__all__ = ["AREA"]

_FOLDER = "/tmp/differential"


def _laid() -> str:
    lines = [f"rm -rf {_FOLDER}; mkdir -p {_FOLDER}; cd {_FOLDER}; mkdir -p logs/old dir"]
    lines += [
        f"printf %s {_quoted(text)} >{_quoted(path)}" for path, text in FILES.items() if not path.endswith("/")
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return "$'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


_SETUP = _laid() + f"\nrm -rf {_FOLDER}.clean; cp -a {_FOLDER} {_FOLDER}.clean"
_BEFORE = f"rm -rf {_FOLDER}; cp -a {_FOLDER}.clean {_FOLDER}; cd {_FOLDER}"

_TEXTS = (
    "a",
    "foo",
    "'b c'",
    '"d  e"',
    "x.txt",
    "-n",
    "10",
    "''",
    "a:b:c",
    r"a\ b",
    "$'t\\tu'",
    "é",
    "--",
    "foo.tar.gz",
    "/usr/lib/x.so",
)
_NAMES = ("x", "y", "arr", "z", "nosuch")
_OPERATORS = ("", "", ":-d", "-d", ":=d", ":+s", "+s", "#*o", "##*/", "%.*", "%%.*", "/o/0", "//o/0", "/#f/F", "/%o/O", "^", "^^",
              ",", ",,", ":1", ":1:2", ":(-2)", ": -3:2", "@Q", "@U", "@u", "@L", "@E", "@A", "@a", ":0:-1", "//[a-m]/_", ":?gone",
              "//", "/", ":", "^^[a-f]")  # fmt: skip
_GLOBS = ("*", "*.txt", "?.txt", "[ab].*", "nosuch*", ".*", "*/", "logs/*", "{a,b}.txt", "{1..4}", "{01..10..3}", "{c..a}", "~", "x{,y}z",
          "[!a]*.txt", "pod-{a,b}.yaml", "{a..c}{1,2}", "{}", "{a}", "**/*.log", "c*")  # fmt: skip
_SUMS = ("1+2", "x+1", "2**10", "7/2", "-7%3", "x++", "++x", "1<2", "x==5?1:2", "0x1f", "010", "2#101", "1<<4", "~5", "!x", "x=3,x*2",
         "1/0", "08", "x+=2", "5 & 3 | 8", "y", "(1+2)*3", "arr[1]+1", "1 +", "a b", "36#z", "-2**2", "1,2", "", "3>2&&0", "x>>1")  # fmt: skip

_FORMATS = ("'%s|'", "'%d '", "'%5s|%-5s|'", "'%q '", "'%b'", "'%03d '", "'%x %o '", "%s", "'%s %s\\n'", "'%.2f'", "'%c'", "'%%'",
            "'%(%Y)T'", "'%i\\t'", "'%u'", "'%e'", "'%*d'", "'%z'")  # fmt: skip


def _one(draw: Draw, *options: str) -> str:
    made: str = draw(st.sampled_from(options))
    return made


def _word(draw: Draw, depth: int = 0) -> str:
    how = draw(st.integers(0, 11))
    if how <= 3 or depth > 2:
        return _one(draw, *_TEXTS)
    if how <= 6:
        variable = f"${{{_one(draw, *_NAMES)}{_one(draw, *_OPERATORS)}}}"
        return _one(draw, variable, f'"{variable}"', f'"{variable}"')
    if how == 7:
        return _one(draw, '"${arr[@]}"', "${arr[*]}", '"${!arr[@]}"', "${#arr[@]}", "${#x}", "${!x}", "${arr[-1]}", '"${arr[@]:1:2}"',
                    '"${arr[@]/o/0}"', "${!x*}", "${#arr[1]}", '"${arr[*]^}"', "$#", '"$@"', "$?", "${@:1}", "$-", "${PIPESTATUS[@]}", "$0",
                    '"${arr[@]@Q}"', "${arr[9]-none}", "$'a\\nb'", '"$*"', "${map[k]}", '"${!map[@]}"', "$_")  # fmt: skip
    if how == 8:
        return _one(draw, *_GLOBS)
    if how == 9:
        return f"$(({_one(draw, *_SUMS)}))"
    if how == 10:
        return f'"$({_simple(draw, depth + 1)})"'
    return _word(draw, depth + 1) + _word(draw, depth + 1)


def _words(draw: Draw, most: int = 3) -> str:
    return " ".join(_word(draw) for _ in range(draw(st.integers(1, most))))


def _file(draw: Draw) -> str:
    return _one(draw, "a.txt", "b.txt", "list.csv", "pod-a.yaml", "empty", "nosuch", "logs", "'c d.txt'")


def _simple(draw: Draw, depth: int = 0) -> str:
    how = draw(st.integers(0, 9))
    if how <= 2:
        return f"echo {_word(draw, depth)} {_word(draw, depth)}"
    if how == 3:
        return f"printf {_one(draw, *_FORMATS)} {_word(draw, depth)} {_word(draw, depth)}\necho"
    if how == 4:
        return _test(draw, depth)
    if how == 5:
        return _program(draw)
    return _builtin(draw, depth)


def _test(draw: Draw, depth: int) -> str:
    one, other = _word(draw, depth), _word(draw, depth)
    return _one(
        draw,
        f"[ {one} = {other} ] && echo yes || echo no $?", f"[[ {one} == {other} ]] && echo yes || echo no",
        f"[[ {one} =~ ^([a-z]+)(.*)$ ]] && echo ${{BASH_REMATCH[1]}}-${{BASH_REMATCH[2]}}", f"[ -{_one(draw, *'fdezsnrL')} {one} ]; echo $?",
        f"[[ -{_one(draw, *'fdezsnv')} {one} ]]; echo $?", f"[ {one} -lt {other} ]; echo $?", f"[[ {one} < {other} && -n $x ]]; echo $?",
        f"test {one}; echo $?", f"[ {one}; echo $?", f"[[ ! {one} || {other} ]]; echo $?", f"(( {_one(draw, *_SUMS)} )); echo $? $x",
        f"let '{_one(draw, *_SUMS)}'; echo $? $x", f"[ {one} -eq 5 -a {other} != b ]; echo $?",
    )  # fmt: skip


def _program(draw: Draw) -> str:
    file = _file(draw)
    return _one(
        draw,
        f"cat {file}", f"cat -n {file}", f"head -n 2 {file}", f"tail -n 1 {file}", f"tail -n +2 {file}", f"wc -l {file}", f"wc {file}",
        f"grep -{_one(draw, 'n', 'c', 'v', 'i', 'o', 'q', 'E', 'w', 'l', 'x', 'F')} {_one(draw, 'a', 'o', '.', 'one', '^b', '[0-9]+', 'n$')} {file}",
        f"sort {file}", f"sort -r {file}", "sort -t, -k2 -n list.csv", f"cut -d, -f2 {file}", f"cut -c2-3 {file}", f"tr a-z A-Z < {file}",
        f"sed 's/a/X/' {file}", f"sed -n 2p {file}", f"sed '/a/d;s/o/0/g' {file}", f"awk '{{print $1}}' {file}", f"awk -F, 'NR>1{{s+=$2}}END{{print s}}' {file}",
        "ls", "ls -a logs", f"ls {file}", "seq 3", "seq 1 2 6", f"basename {file} .txt", f"dirname logs/old/{file}", f"uniq -c {file}",
        "find . -name '*.log' | sort", f"tac {file}", f"rev {file}", f"nl {file}", f"paste -d, {file} a.txt", f"tee out <{file}", "date -d @0 +%F",
        f"xargs -n 2 echo <{file}", f"diff a.txt {file}", f"cmp a.txt {file}", f"stat -c %s {file}", f"comm a.txt {file}", f"fold -w 3 {file}",
        "touch new; ls -d n*", f"cp {file} dir && ls dir", f"mv {file} moved; echo $?; ls m*", f"rm {file}; echo $?", "mkdir a.txt", "rmdir dir logs",
        f"base64 {file}", f"md5sum {file}", f"od -c {file}", f"expr {_one(draw, '1 + 2', '5 / 0', 'abc : a', 'length foo', '3 > 2', '1 +')}",
        "env A=b bash -c 'echo $A'", "printenv nosuch", f"readlink -f {file}", "yes | head -2", f"ln -s {file} link; cat link", f"join a.txt {file}",
        f"split -l 1 {file} part.; ls part.*", "sleep x", f"tr -d '\\n' <{file}", "file=1; echo $file", "true; false", f"wc -c <{file}", "numfmt --to=iec 2048",
        f"shuf -n 0 {file}", f"column -t {file}", f"timeout 5 cat {file}", "timeout 1 sleep 5; echo $?",
    )  # fmt: skip


def _builtin(draw: Draw, depth: int) -> str:
    w = _word(draw, depth)
    return _one(
        draw,
        f'x={w}; echo "$x"', f"arr=({w} {_word(draw, depth)}); declare -p arr", f"declare -i n={w}; echo $n", f"declare -A map=([k]={w}); declare -p map",
        f"readonly r={w}; r=2; echo $r", f"export E={w}; bash -c 'echo \"$E\"'", 'unset x; echo "${x-unset}"', f'set -- {w} b; echo $# "$2"',
        f'read -r a b <<< {w}; echo "$a|$b"', f"IFS=: read -ra parts <<< {w}; echo ${{#parts[@]}}", f"mapfile -t lines < {_file(draw)}; echo ${{#lines[@]}}",
        f"eval echo {w}", f"type {_one(draw, 'echo', 'cat', 'if', 'nosuch', 'f')}", f"command -v {_one(draw, 'echo', 'nosuch', 'ls', 'for')}",
        f"shift {_one(draw, '', '1', '9', 'x')}; echo $?", f"printf -v out '%s' {w}; echo \"$out\"", f"source ./lib.sh; greet {w}", ". nosuch; echo $?",
        f"cd {_one(draw, 'logs', 'nosuch', '-', '..', 'a.txt')} && pwd; echo $?", f"local v={w}; echo $?", f"declare -u up={w}; echo $up", f'arr+=({w}); echo "${{arr[@]}}"',
        f"x+={w}; echo $x", f'echo {w} | read v; echo "$v"', f"exit {_one(draw, '3', '', 'x', '256', '-1')}", "return 2; echo $?", "break; echo $?",
        f"shopt -s {_one(draw, 'nullglob', 'dotglob', 'extglob', 'nosuch', 'nocasematch', 'failglob')}; echo *.nosuch .h*", f"set -{_one(draw, 'e', 'u', 'x', 'f', 'n', 'o pipefail', 'q')}; echo {w}; false; echo $nosuch after",
        f"trap 'echo bye' EXIT; echo {w}", "trap 'echo err $?' ERR; false; true", "trap; trap -p EXIT", f"kill -l {_one(draw, '9', 'TERM', '15', 'x', '0')}", "umask; umask 077; umask -S",
        "hash nosuch; echo $?", f"alias a='echo {_one(draw, 'b', 'c')}'; alias; a", f"getopts ab: o -a -b {w} -c; echo $o $OPTIND", "wait; echo $?", "test -t 0; echo $?", f"declare -n ref=x; ref={w}; echo $x",
        "coproc cat; echo $?", f'exec 3<{_file(draw)}; read -u 3 l; echo "$l"; exec 3<&-', "ulimit -n x", "times | wc -l", f"let x={w}; echo $x", "dirs; pushd logs; popd", f": {w}; echo $_",
    )  # fmt: skip


def _redirected(draw: Draw, command: str) -> str:
    tail = _one(draw, "", "", "", "", " >out; cat out", " 2>&1", " 2>/dev/null", " >>a.txt; wc -l a.txt", " | cat", " | wc -l", " >&2", " <a.txt", " > logs", " &>out; cat out",
                " | tr a-z A-Z", " <nosuch", " | sort -u", " 2>err; cat err", " || echo failed $?", " && echo done", " | head -1", " >|out", " 3>&1 >&3", " &\nwait; echo $?", " <<< foo", ' | while read -r l; do echo "<$l>"; done')  # fmt: skip
    return command if "\n" in command and tail else command + tail


def _compound(draw: Draw, depth: int) -> str:
    inner = _line(draw, depth + 1)
    quote = _one(draw, "", "'")
    more = _one(draw, ":", "break", "continue", "shift", "read z")
    first = _one(draw, "a", "f*", "[0-9]*", "a|b", "?")
    body = _one(draw, "local x=1", "return 3", "echo $1", "x=9")
    return _one(
        draw,
        f'for i in {_words(draw)}; do\n{inner}\necho "i=$i"\ndone',
        f"if {_simple(draw, 1)}\nthen\n{inner}\nelse echo else\nfi",
        f'while read -r line; do echo "$line"; {more}; done < {_file(draw)}',
        f"case {_word(draw)} in {first}) echo first ;{_one(draw, ';', '&', ';&')} *o*) echo second ;; *) echo other ;; esac",
        f"f() {{\n{body}\n{inner}\n}}\nf {_word(draw)}; echo $? $x",
        f"(\n{inner}\nx=sub\n); echo $x",
        f"{{\n{inner}\n}} | cat -A",
        f"cat <<{_one(draw, '', '-')}{quote}E{quote}\n\t{_word(draw)} $x `echo b` $((x))\nE",
        f"for ((i=0; i<{_one(draw, '3', 'x', '0')}; i++)); do echo -n $i; done; echo; {inner}",
        f"! {_simple(draw, 1)}\necho $?",
        f"diff <(echo {_word(draw)}) <(echo {_word(draw)}); echo $?",
        f"sleep 0.1 & {inner}\njobs; wait %1; echo $?",
        f"until {_one(draw, 'true', '[ $((n++)) -gt 2 ]')}; do echo u; done; {inner}",
        f"select s in a b; do echo $s $REPLY; break; done <<< {_one(draw, '1', '2', 'x', '')}",
    )


def _line(draw: Draw, depth: int = 0) -> str:
    if depth < 2 and draw(st.integers(0, 3)) == 0:
        return _compound(draw, depth)
    return _redirected(draw, _simple(draw))


@st.composite
def _question(draw: Draw) -> Question:
    """Return a random script of one to three commands."""
    lines = [_line(draw) for _ in range(draw(st.sampled_from((1, 1, 2, 3))))]
    first = _one(
        draw,
        "x=foo y=5",
        "x=5; arr=(one two 'th ree')",
        "x='a b'",
        "set -- p q",
        "declare -A map=([k]=v)",
        "x=y y=z",
    )
    return Question("shell", "\n".join([first, *lines]), timeout=8)


AREA = Area("shell", _question, setup=_SETUP, before=_BEFORE)
