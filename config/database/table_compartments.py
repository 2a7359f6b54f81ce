"""The declarative table, third part: the identity card and who may open it; receipts of what was erased."""

from config.database.clauses import HOUSE, NOT_WALLED, OPENED_HERE, UID, Access, granted, identifies, may

COMPARTMENTS: dict[str, Access] = {
    "cases_identityentry": Access(
        "case_child",
        ("SELECT", "INSERT", "UPDATE (removed_at, removed_by_id)"),
        select=f"{granted('cases_identityentry.case_id')} AND {identifies('cases_identityentry.case_id')}",
        insert=f"added_by_id = {UID} AND {may('change_identity', 'cases_identityentry.case_id')} AND removed_at IS NULL",
        # Taken off and put back by whoever has it before her; what is added to a locked card shows nothing.
        update=f"{may('change_identity', 'cases_identityentry.case_id')} AND {OPENED_HERE.format(column='cases_identityentry.case_id')}",
        triggers={"own_name_only": "BEFORE INSERT OR UPDATE"},
    ),
    # Who looked, when and why: for everybody on the case.
    "cases_identityopening": Access(
        "case_child",
        ("SELECT",),
        select=f"(person_id = {UID} AND (case_id IS NULL OR {NOT_WALLED.format(column='case_id')}))"
        f" OR (case_id IS NOT NULL AND {granted('cases_identityopening.case_id')})",
    ),
    # Which texts may name her: nobody else is told that they do.
    "cases_textcheck": Access(
        "case_child",
        ("SELECT", "UPDATE (state, checked_at)"),
        select=f"{granted('cases_textcheck.case_id')} AND {identifies('cases_textcheck.case_id')}",
        update=f"{granted('cases_textcheck.case_id')} AND {identifies('cases_textcheck.case_id')}",
    ),
    "cases_identitygrant": Access(
        "case_child",
        ("SELECT",),
        select=f"(person_id = {UID} AND {NOT_WALLED.format(column='case_id')})"
        f" OR {granted('cases_identitygrant.case_id')}",
    ),
    # Receipts: for the two who did it, and for whoever runs the house; opaque ids and no content.
    "cases_erasure": Access("directory", ("SELECT",), select=f"asked_by_id = {UID} OR agreed_by_id = {UID} OR {HOUSE}"),
}
