"""The declarative table, third part: the identity card and who may open it."""

from config.database.clauses import NOT_WALLED, UID, Access, granted, identifies, works_on

COMPARTMENTS: dict[str, Access] = {
    "cases_identityentry": Access(
        "case_child",
        ("SELECT", "INSERT", "UPDATE (removed_at, removed_by_id)"),
        select=f"{granted('cases_identityentry.case_id')} AND {identifies('cases_identityentry.case_id')}",
        insert=f"{works_on('cases_identityentry', 'added_by_id')} AND removed_at IS NULL"
        " AND app.holds(case_id, 'share_case')",
        update=granted("cases_identityentry.case_id", "share_case"),
        triggers={"own_name_only": "BEFORE INSERT OR UPDATE"},
    ),
    # Who looked, when and why: for everybody on the case.
    "cases_identityopening": Access(
        "case_child",
        ("SELECT",),
        select=f"person_id = {UID} OR (case_id IS NOT NULL AND {granted('cases_identityopening.case_id')})",
    ),
    "cases_identitygrant": Access(
        "case_child",
        ("SELECT",),
        select=f"(person_id = {UID} AND {NOT_WALLED.format(column='case_id')})"
        f" OR {granted('cases_identitygrant.case_id')}",
    ),
}
