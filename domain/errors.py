"""The tree of errors that the hotline raises on purpose.

Each message says what was wrong, where (file:line, field, call) and what to do about it.
"""


class HotlineError(Exception):
    """Base of every error that we raise on purpose.

    `what` happened, `where` it happened, and what the reader should do (`remedy`).
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        parts = [f"{where}: {what}" if where else what]
        if remedy:
            parts.append(f"what to do: {remedy}")
        super().__init__("; ".join(parts))


class ConfigError(HotlineError):
    """hotline.toml, sip.conf or the environment is wrong; the service does not start."""


class FlowError(HotlineError):
    """An IVR flow file is wrong; it is refused at start or at publish, never halfway through a call."""


class ModelError(HotlineError):
    """A speech model is missing, incomplete or not the one its manifest names."""


class EngineError(HotlineError):
    """A speech engine failed, is gone, or did not answer in its time."""


class AudioError(HotlineError):
    """Audio of the wrong rate, shape or format."""


class SipError(HotlineError):
    """A SIP message or dialog that cannot be served."""


class BusError(HotlineError):
    """The bus refused, lost or never answered a message."""


class NoResponderError(BusError):
    """Nobody serves the request's subject at this moment."""


class StorageError(HotlineError):
    """A disk or database refused: full, read-only, missing or of another version."""


class KnowledgeError(HotlineError):
    """A knowledge file is wrong."""


class RefusedError(HotlineError):
    """A command that the present state does not allow (an agent who is talking cannot take a break).

    code: a stable word for the reason, which the pages put into their reader's language.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.code = code
