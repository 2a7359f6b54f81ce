"""State machines: no state without an exit, no exit without its rule, and PostgreSQL knows the same steps."""

from importlib import import_module

import pytest

from cases import states
from cases.choices import RequestState
from config.database.apply import register
from tests.conftest import as_definer


@pytest.mark.parametrize("name", sorted(states.MACHINES))
def test_no_state_is_without_an_exit(name):
    machine = states.MACHINES[name]
    reachable = set(machine) | {new for steps in machine.values() for new in steps}
    assert reachable == set(machine), "every state that something leads to has an entry of its own"
    stuck = {state for state, steps in machine.items() if not steps}
    assert stuck == {state for owner, state in states.FINAL if owner == name}
    assert all(states.FINAL[name, state] for state in stuck)


@pytest.mark.parametrize("name", sorted(states.MACHINES))
def test_every_exit_has_its_rule(name):
    """The rule is the service by which the step is made; it exists and says what it asks for."""
    for steps in states.MACHINES[name].values():
        for service in set(steps.values()):
            module, _dot, function = service.partition(".")
            if module == "app":  # by itself, in PostgreSQL
                assert function in {name for name, _caller, _right, _test in register()}
                continue
            rule = getattr(import_module(f"cases.services.{module}"), function)
            assert rule.__doc__, service


@pytest.mark.django_db(transaction=True)
def test_postgresql_knows_the_same_steps_of_a_request():
    """What PostgreSQL does by itself (`app.…`) is nobody's step: a trigger makes it after the step was judged."""
    with as_definer() as definer:
        for old in RequestState.values:
            for new in RequestState.values:
                answer = definer.execute("SELECT app.request_step(%s, %s)", [old, new]).fetchone()
                rule = states.REQUEST[old].get(new, "app.")
                assert answer == (old == new or not rule.startswith("app."),), (old, new)
