"""What a caller hears and may say before a person answers: the flow language, its linter, engine and simulator."""
