"""docs/asvs.md names tests: each of them is there."""

import ast
import re

import pytest

from portal.environment import BASE_DIR

NAMED = sorted(
    set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (BASE_DIR / "docs/asvs.md").read_text()))
)


def test_the_table_names_tests():
    assert len(NAMED) > 40


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_is_there(file, name):
    tree = ast.parse((BASE_DIR / file).read_text())

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
