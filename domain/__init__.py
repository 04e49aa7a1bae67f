"""The words every room shares: frozen values and events, no I/O, nothing third-party but msgspec and numpy."""
