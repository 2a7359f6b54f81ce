"""Records readable under row-level security: codes, states, dates, people. What is confidential is in the vault."""

from cases.models.case import Assignment, Case, CaseUserPermission, Note, Wall, seen_by
from cases.models.contact import ContactAttempt, ContactLog, Project, ServiceUnit
from cases.models.deadline import Deadline, MailOut, Notice, Reminder
from cases.models.duty import Alert, ArmedReach, DutyShift, ShiftHandover
from cases.models.erasure import Erasure
from cases.models.identity import IdentityEntry, IdentityGrant, IdentityOpening, TextCheck
from cases.models.library import LetterTemplate
from cases.models.people import Absence, Approval, ConflictSlip, MoveRequest, PutOff, WorkProfile
from cases.models.plan import CaseCheck, RiskAssessment, SafetyPlan, Task, TaskReminder
from cases.models.record import (
    CaseFile,
    CaseJurisdiction,
    CaseLink,
    Consent,
    Incident,
    TimelineEntry,
)
from cases.models.request import ClosedDay, HelpRequest, OpeningHours

__all__ = [
    "Absence",
    "Alert",
    "Approval",
    "ArmedReach",
    "Assignment",
    "Case",
    "CaseCheck",
    "CaseFile",
    "CaseJurisdiction",
    "CaseLink",
    "CaseUserPermission",
    "ClosedDay",
    "ConflictSlip",
    "Consent",
    "ContactAttempt",
    "ContactLog",
    "Deadline",
    "DutyShift",
    "Erasure",
    "HelpRequest",
    "IdentityEntry",
    "IdentityGrant",
    "IdentityOpening",
    "Incident",
    "LetterTemplate",
    "MailOut",
    "MoveRequest",
    "Note",
    "Notice",
    "OpeningHours",
    "Project",
    "PutOff",
    "Reminder",
    "RiskAssessment",
    "SafetyPlan",
    "ServiceUnit",
    "ShiftHandover",
    "Task",
    "TaskReminder",
    "TextCheck",
    "TimelineEntry",
    "Wall",
    "WorkProfile",
    "seen_by",
]
