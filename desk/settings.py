"""The section of hotline.toml that belongs to this room."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class DeskSettings(BaseModel):
    """[desk]: the web pages and their API."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 lets other machines in (with a certificate, or behind an HTTPS proxy)."""

    port: int = Field(12345, ge=0, le=65535)
    """0: any free port."""

    certificate: Path | None = None
    """A PEM file with the certificate and its chain: the desk then speaks HTTPS, without which browsers on other
    machines give no microphone to the browser telephone."""

    certificate_key: Path | None = None
    """The certificate's key, a PEM file without a password."""

    self_signed: bool = False
    """Speak HTTPS with a certificate that is made in the data directory; each browser asks once whether to trust it."""

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

    @model_validator(mode="after")
    def _whole_certificate(self) -> Self:
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("certificate and certificate_key go together")
        if self.certificate is not None and self.self_signed:
            raise ValueError("self_signed is for a desk without a certificate of its own")
        return self

    @property
    def scheme(self) -> Literal["http", "https"]:
        """How browsers reach it."""
        return "https" if self.certificate is not None or self.self_signed else "http"

    @property
    def pages_dir(self) -> Path:
        """Where the built pages are."""
        return self.static_dir or Path(__file__).parent / "static"
