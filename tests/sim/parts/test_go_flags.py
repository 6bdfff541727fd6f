"""One declaration of flags, parsed in the ways of two Go libraries."""

import pytest

from lab.cluster.sim.commands.golang import pflag, urfave
from lab.cluster.sim.commands.golang.command_line import CommandLineError, HelpAsked, declared

KINDS = declared(
    string="output/o", bool="all/a quiet/q", int="last/n", duration="timeout", optional="dry-run:unchanged"
)


def test_a_declaration_names_long_and_short_forms() -> None:
    assert declared(string="output/o", bool="all") == {
        "--output": "output:string",
        "-o": "output:string",
        "--all": "all:bool",
    }


def test_pflag_takes_flags_between_words() -> None:
    flags = pflag.parse(["get", "-aqn3", "pods", "--output=json", "--dry-run", "--", "-a"], KINDS)

    assert flags.words == ["get", "pods"]
    assert flags.rest == ["-a"]
    assert flags.values == {
        "all": ["true"],
        "quiet": ["true"],
        "last": ["3"],
        "output": ["json"],
        "dry-run": ["unchanged"],
    }


def test_urfave_ends_at_the_first_word() -> None:
    flags = urfave.parse(["-last", "3", "--quiet=F", "ps", "-a"], KINDS)

    assert flags.words == ["ps", "-a"]
    assert flags.values == {"last": ["3"], "quiet": ["false"]}


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--nope=1"], "unknown flag: --nope"),
        (["-x"], "unknown shorthand flag: 'x' in -x"),
        (["-ax"], "unknown shorthand flag: 'x' in -ax"),
        (["--output"], "flag needs an argument: --output"),
        (["-ao"], "flag needs an argument: 'o' in -ao"),
        (["-n", "x"], 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        (["--timeout", "5"], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'),
        (["--timeout=x"], 'invalid argument "x" for "--timeout" flag: time: invalid duration "x"'),
        (["--all=x"], 'invalid argument "x" for "-a, --all" flag: strconv.ParseBool: parsing "x": invalid syntax'),
    ],
)  # fmt: skip
def test_pflag_reports_errors(argv: list[str], told: str) -> None:
    with pytest.raises(CommandLineError) as raised:
        pflag.parse(argv, KINDS)

    assert raised.value.message == told


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--nope=1"], "flag provided but not defined: -nope"),
        (["-o"], "flag needs an argument: -o"),
        (["-n", "two"], 'invalid value "two" for flag -n: parse error'),
        (["--all=ja"], 'invalid boolean value "ja" for -all: parse error'),
    ],
)
def test_urfave_reports_errors(argv: list[str], told: str) -> None:
    with pytest.raises(CommandLineError) as raised:
        urfave.parse(argv, KINDS)

    assert raised.value.message == told


def test_help_is_asked_for_behind_other_flags() -> None:
    for parse in (pflag.parse, urfave.parse):
        with pytest.raises(HelpAsked):
            parse(["-a", "--help"], KINDS)
