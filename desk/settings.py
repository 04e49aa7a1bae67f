"""The section of hotline.toml that belongs to this room."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class DeskSettings(BaseModel):
    """[desk]: the web pages and their API."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 lets other machines in (put an HTTPS proxy before it)."""

    port: int = Field(12345, ge=0, le=65535)
    """0: any free port."""

    static_dir: Path | None = None
    """Other built pages than the installed ones."""

    hotline_name: str = "云江市12345政务服务便民热线"
    """Shown on the pages."""

    session_hours: float = Field(12, gt=0, le=168)
    """A session ends after so long without use."""

    secure_cookie: bool = False
    """Send the session's cookie over HTTPS only; switch it on behind an HTTPS proxy."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies whose X-Forwarded-For and -Proto are believed."""

    minimum_password_length: int = Field(10, ge=8, le=128)
    max_body_bytes: int = Field(65536, ge=1024, le=10_000_000)
    """Larger request bodies are refused."""

    ticket_prefix: str = Field("YJ", pattern=r"^[A-Z]{0,8}$")
    """What ticket numbers begin with."""

    full_numbers_for: tuple[Literal["leader", "qa", "admin"], ...] = ("leader",)
    """Who, besides the agent of the call, sees callers' numbers unmasked."""

    command_timeout_s: float = Field(5.0, gt=0, le=60)
    """How long the queue, the switch or the assistant may take to answer a command."""

    @property
    def pages_dir(self) -> Path:
        """Where the built pages are."""
        return self.static_dir or Path(__file__).parent / "static"
