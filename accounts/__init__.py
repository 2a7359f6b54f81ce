"""Who is acting: people, roles, second factor, keys of persons and teams, sessions, audit, mail."""
