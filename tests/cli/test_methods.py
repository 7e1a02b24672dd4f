"""`python -m attn_core`: results on stdout, complaints in one line on stderr, exit codes that say which."""

import json
import subprocess
import sys

import pytest

from attn_core import METHODS, cli


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "attn_core", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_methods_lists_every_method_with_its_roles(capsys):
    assert cli.main(["methods"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for line, method in zip(lines[1:], METHODS.values(), strict=True):
        assert line.split()[0] == method.name
        assert all(role in line for role in method.roles)


def test_methods_json_carries_every_fact(capsys):
    assert cli.main(["methods", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [fact["name"] for fact in facts] == list(METHODS)
    for fact in facts:
        method = METHODS[fact["name"]]
        assert fact["formula"] == method.formula
        assert set(fact["roles"]) == method.roles
        assert fact["limits"] == list(method.limits)
        assert [param["name"] for param in fact["params"]] == list(method.defaults)
        assert all(param["help"] and param["allowed"] for param in fact["params"])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["mehtods"], ["'mehtods'", "methods"]),
        (["methods", "--jsno"], ["--jsno"]),
        ([], ["command"]),
    ],
)
def test_a_bad_argument_is_one_line_naming_it_and_exits_with_2(arguments, named, capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(arguments)
    printed = capsys.readouterr()
    assert leaving.value.code == 2
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert all(word in printed.err for word in named)


def test_a_value_the_engine_refuses_is_one_line_and_exits_with_2(capsys, monkeypatch):
    def refuse(_options):
        raise ValueError("longformer: window must be an integer of at least 0, got -1")

    command = cli.Command("", lambda verb: None, refuse)
    monkeypatch.setitem(cli.COMMANDS, "methods", command)
    assert cli.main(["methods"]) == 2
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "attn_core methods: longformer: window must be an integer of at least 0, got -1"
    ]


def test_the_module_runs_and_passes_its_exit_code_on():
    good, bad = run("methods"), run("methods", "now")
    assert good.returncode == 0
    assert good.stdout.startswith("name")
    assert bad.returncode == 2
    assert "Traceback" not in bad.stderr
    assert len(bad.stderr.splitlines()) == 1
