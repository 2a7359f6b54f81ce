"""Records readable under row-level security: codes, states, dates, people. What is confidential is in the vault."""

from cases.models.case import Assignment, Case, CaseUserPermission, Note, Wall
from cases.models.deadline import Deadline, MailOut, Notice, Reminder
from cases.models.request import HelpRequest, OpeningHours

__all__ = [
    "Assignment",
    "Case",
    "CaseUserPermission",
    "Deadline",
    "HelpRequest",
    "MailOut",
    "Note",
    "Notice",
    "OpeningHours",
    "Reminder",
    "Wall",
]
