"""The live schema against the declarative table: a table, function or right that is not declared fails here."""

import pytest
from django.conf import settings

from config.database.apply import register
from config.database.table import EXECUTE, LOGIN_ROLES, TABLES
from tests.conftest import as_definer, as_role

pytestmark = pytest.mark.django_db(transaction=True)
OPEN = {name for name, access in TABLES.items() if access.pattern == "reference"} | {"django_migrations"}


def ask(query: str, *arguments: object) -> list[tuple]:
    with as_definer() as definer:
        return definer.execute(query, arguments).fetchall()


def test_every_table_is_declared_and_under_forced_row_security():
    live = {
        name: (enabled, forced)
        for name, enabled, forced in ask(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
    }
    assert set(live) == set(TABLES) | {"django_migrations"}
    assert {name for name, flags in live.items() if flags != (True, True)} == OPEN


def test_policies_are_for_named_roles_and_as_declared():
    found = ask("SELECT tablename, policyname, roles::text[], cmd FROM pg_policies WHERE schemaname = 'public'")
    assert not [row for row in found if "public" in row[2]]
    assert {(table, name) for table, name, _roles, _cmd in found if name == "definer"} == {
        (table, "definer") for table in set(TABLES) - OPEN
    }
    declared = {
        (table, f"web_{command}")
        for table, access in TABLES.items()
        for command in ("select", "insert", "update")
        if getattr(access, command)
    }
    assert {(table, name) for table, name, _roles, _cmd in found if name != "definer"} == declared


def test_rights_of_the_login_roles_are_those_of_the_table():
    found = ask(
        "SELECT a.grantee::regrole::text, c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.grantee <> 0"
    )
    rights: dict[str, set[tuple[str, str]]] = {}
    for role, table, right in found:
        rights.setdefault(role.removeprefix("sidro_"), set()).add((table, right))
    web = {(table, right) for table, access in TABLES.items() for right in access.rights if "(" not in right}
    assert rights.get("web", set()) == web
    assert {right for _table, right in rights["backup"]} == {"SELECT"}
    for role in ("door", "worker", "stats"):
        assert rights.get(role, set()) == set(), role
    columns = ask(
        "SELECT c.relname, t.attname FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a"
        " WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 'sidro_web'::regrole AND a.privilege_type = 'UPDATE'"
    )
    declared = {
        (table, column.strip())
        for table, access in TABLES.items()
        for right in access.rights
        if right.startswith("UPDATE (")
        for column in right[8:-1].split(",")
    }
    assert set(columns) == declared


def test_roles_are_nobody_special():
    found = ask(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit, rolcanlogin FROM pg_roles"
        " WHERE rolname LIKE 'sidro\\_%%'"
    )
    for name, superuser, bypass, create_role, create_db, inherits, login in found:
        assert (superuser, create_role, create_db, inherits) == (False, False, False, False), name
        assert bypass is (name == "sidro_backup"), name
        assert login is (name != "sidro_definer"), name
    members = ask(
        "SELECT m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member"
        " WHERE r.rolname = 'sidro_definer' AND m.rolname LIKE 'sidro\\_%%'"
    )
    assert members == [("sidro_owner",)]


def test_every_function_is_a_definer_function_with_a_fixed_path_and_declared_callers():
    found = ask(
        "SELECT p.proname, p.prosecdef, p.proconfig, p.proacl::text, r.rolname FROM pg_proc p"
        " JOIN pg_roles r ON r.oid = p.proowner WHERE p.pronamespace = 'app'::regnamespace"
    )
    assert {name for name, *_rest in found} == {name for name, *_rest in register()}, "the register has every function"
    for name, definer, config, acl, owner in found:
        assert definer, name
        assert owner == "sidro_definer", name
        assert config == ["search_path=pg_catalog, public, pg_temp"], name
        callers = {entry.split("=")[0] for entry in acl.strip("{}").split(",")}
        declared = {f"sidro_{role}" for role, names in EXECUTE.items() if name in names.split()}
        assert callers == declared | {"sidro_definer"}, name


def test_every_declared_function_exists_and_names_its_test():
    names = {name for name, *_rest in register()}
    missing = {test for *_rest, test in register() if not (settings.BASE_DIR / test).is_file()}
    assert missing == set()
    for role, callable_ in EXECUTE.items():
        assert set(callable_.split()) <= names, role


@pytest.mark.parametrize("role", [name for name in LOGIN_ROLES if name != "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "TRUNCATE cases_case",
        "SELECT * FROM accounts_credential WHERE false FOR UPDATE",
        "SET ROLE sidro_definer",
        "SET ROLE sidro_owner",
        "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
        "UPDATE accounts_auditevent SET actor = ''",
        "DELETE FROM accounts_auditevent",
        "INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id) VALUES (gen_random_uuid(), gen_random_uuid(), 1)",
        "UPDATE accounts_user SET roles = '{administrator}'",
        "UPDATE accounts_publickey SET public_key = '\\x00'",
        "SELECT * FROM app.context_key",
        "COPY cases_case TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE EXTENSION pg_trgm",
    ],
)
def test_refused_to_every_login_role(role, statement):
    with as_role(role) as connection, pytest.raises(Exception, match=r"denied|must be|permission|syntax|not allowed"):
        connection.execute(statement)
