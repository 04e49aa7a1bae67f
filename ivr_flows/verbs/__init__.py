"""The verbs of the flow language, one class each."""
