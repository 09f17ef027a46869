"""The registry of good calls holds every public function, class and method, and every call is good."""

import inspect

import calls
import pytest


def test_every_public_function_has_a_call_or_a_reason():
    public = set(calls.public_names())
    known = set(calls.CALLS) | set(calls.EXEMPT)
    assert sorted(public - known) == []
    assert sorted(known - public) == []
    assert sorted(set(calls.CALLS) & set(calls.EXEMPT)) == []
    assert set(calls.CALLS) >= calls.ASKING


@pytest.mark.parametrize("name", calls.CALLS)
def test_the_call_is_good(name):
    calls.good(name)


@pytest.mark.parametrize("name", calls.CALLS)
def test_arguments_are_fresh_and_named_as_in_the_signature(name):
    named = set(inspect.signature(calls.function(name)).parameters)
    assert set(calls.arguments(name)) - {"*"} <= named
