"""Parameters of notebooks: read by grammar, kept to their types."""

from __future__ import annotations

import json

import pytest

from casebook.errors import ParameterError
from casebook.parameters import (
    check_value,
    from_text,
    parse_parameters,
    read_parameters,
    resolve,
)

CELL = """\
case = "my-case"         # name of a case, or its folder
tag = "#vote # 2024"     # a '#' inside the text
time_window = '60s'
min_objects = 3          # how many
q = 0.01
light = False            # fewer shuffles
account = None           # key of one account
hosts = ["a.example",    # first
         "b.example"]    # sites
limit: int | None = None  # rows
offset = -5
"""


def test_names_defaults_types_and_help_come_from_the_cell():
    found = parse_parameters(CELL)
    assert [(p.name, p.default, p.kind, p.help) for p in found.values()] == [
        ("case", "my-case", "str", "name of a case, or its folder"),
        ("tag", "#vote # 2024", "str", "a '#' inside the text"),
        ("time_window", "60s", "str", ""),
        ("min_objects", 3, "int", "how many"),
        ("q", 0.01, "float", ""),
        ("light", False, "bool", "fewer shuffles"),
        ("account", None, "any", "key of one account"),
        ("hosts", ["a.example", "b.example"], "list[str]", "sites"),
        ("limit", None, "int", "rows"),
        ("offset", -5, "int", ""),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x = 60 * 60", "'60 * 60'"),
        ("x = open('f')", "no literal"),
        ("import os", "declares no parameter"),
        ("x = y = 1", "declares no parameter"),
        ("x: int", "declares no parameter"),
        ("x = 1\nx = 2", "set twice"),
        ("x = {'a': 1}", "cannot be set from outside"),
        ("x = ['a', 1]", "cannot be set from outside"),
        ("x: int = 'a'", "cannot be 'a'"),
        ("x: bytes = 1", "annotated 'bytes'"),
        ("%matplotlib inline", "not Python"),
        ("x = 'never closed", "not Python"),
    ],
)
def test_anything_but_a_literal_is_refused(line, said):
    with pytest.raises(ParameterError, match="parameters cell") as error:
        parse_parameters(line, "03-network-map.ipynb")
    assert said in str(error.value)
    assert "03-network-map.ipynb" in str(error.value)


@pytest.mark.parametrize("raw", ["007", "nan", "1e5", "NO", "1829374650123456789", "", "None", "é"])
def test_an_id_arrives_as_it_was_typed(raw):
    account = parse_parameters('account = ""')["account"]
    assert from_text(account, raw) == raw
    assert check_value(account, raw) == raw
    ids = parse_parameters("ids = []")["ids"]
    assert from_text(ids, raw) == ([raw] if raw else [])


def test_text_from_the_command_line_is_read_by_the_type_of_the_default():
    found = parse_parameters(CELL)
    said = {
        ("min_objects", "5"): 5,
        ("q", "1e-3"): 0.001,
        ("q", "2"): 2.0,
        ("light", "Yes"): True,
        ("light", "no"): False,
        ("account", "None"): None,
        ("account", "007"): "007",
        ("hosts", "a.org, b.org"): ["a.org", "b.org"],
        ("hosts", '["a,b"]'): ["a,b"],
        ("limit", "None"): None,
        ("limit", "20"): 20,
    }
    for (name, text), value in said.items():
        got = from_text(found[name], text)
        assert (got, type(got)) == (value, type(value)), (name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [("min_objects", "1e5"), ("min_objects", "3.0"), ("min_objects", "1_000"), ("q", "nan"),
     ("q", "inf"), ("light", "maybe"), ("hosts", "[1]"), ("hosts", "[")],
)  # fmt: skip
def test_a_text_that_is_not_of_the_type_is_refused(name, text):
    with pytest.raises(ParameterError, match=name):
        from_text(parse_parameters(CELL)[name], text)


@pytest.mark.parametrize(
    ("name", "value", "ok"),
    [
        ("q", 1, True), ("q", True, False), ("q", float("nan"), False), ("min_objects", 2.0, False),
        ("min_objects", True, False), ("min_objects", None, False), ("limit", None, True),
        ("limit", True, False), ("account", None, True), ("account", "x", True),
        ("account", ["x"], False), ("hosts", ["x"], True), ("hosts", [7], False),
        ("hosts", "x", False), ("light", 1, False),
    ],
)  # fmt: skip
def test_types_are_enforced_and_nothing_is_converted(name, value, ok):
    parameter = parse_parameters(CELL)[name]
    if ok:
        assert check_value(parameter, value) is value
    else:
        with pytest.raises(ParameterError, match=f"'{name}' cannot be"):
            check_value(parameter, value)


def test_a_number_for_a_text_parameter_names_the_raw_option_of_papermill():
    account = parse_parameters('account = "x"')["account"]
    with pytest.raises(ParameterError, match="-r account VALUE"):
        check_value(account, 1829374650123456789)


@pytest.fixture
def declared():
    return {
        "02-persona-review": parse_parameters('case = "a"\ntime_zone = "UTC"\nlight = False'),
        "03-network-map": parse_parameters('case = "a"\ntime_window = "60s"\nlight = False'),
    }


def test_a_value_reaches_every_notebook_that_knows_its_name(declared):
    assert resolve(declared, {"light": True, "time_window": "5s"}) == {
        "02-persona-review": {"light": True},
        "03-network-map": {"light": True, "time_window": "5s"},
    }
    assert resolve(declared, {"03-network-map": {"light": True}})["02-persona-review"] == {}


def test_an_unknown_parameter_names_the_nearest_one(declared):
    with pytest.raises(ParameterError, match="did you mean 'time_window'"):
        resolve(declared, {"time_windw": "5s"})
    with pytest.raises(ParameterError, match=r"case\.yaml: notebook 03-network-map has no .*zone"):
        resolve(declared, {"03-network-map": {"time_zone": "UTC"}}, where="case.yaml")
    with pytest.raises(ParameterError, match="did you mean '03-network-map'"):
        resolve(declared, {"03-network-mp": {"time_window": "5s"}})


def test_the_case_is_not_a_parameter_to_set(declared):
    with pytest.raises(ParameterError, match="set by the run itself"):
        resolve(declared, {"case": "other"})


def test_a_notebook_file_may_hold_its_source_as_lines(tmp_path):
    cell = {
        "cell_type": "code",
        "metadata": {"tags": ["parameters"]},
        "source": ["a = 1\n", "b = '#'"],
    }
    path = tmp_path / "01-x.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "#"}, cell]}))
    assert [p.default for p in read_parameters(path).values()] == [1, "#"]
    path.write_text(json.dumps({"cells": [cell, cell]}))
    with pytest.raises(ParameterError, match="2 cells are tagged"):
        read_parameters(path)
    path.write_text("{")
    with pytest.raises(ParameterError, match=r"01-x\.ipynb: this is not a notebook"):
        read_parameters(path)
    path.write_text('{"cells": []}')
    assert read_parameters(path) == {}
