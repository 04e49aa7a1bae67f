"""SIP: transactions, dialogs, registrar, who may call."""
