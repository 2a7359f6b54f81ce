"""What happened: requests for help, cases, assignment, notes, deadlines and reminders."""
