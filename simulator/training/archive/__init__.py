"""What a session file holds, member by member: a document, a table, keyframes and records."""
