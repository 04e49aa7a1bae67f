"""HTTPS of the desk: the operator's certificate, or one that is made here at the first start.

Browsers give the microphone to pages that came by HTTPS (or from this machine itself), so a desk whose agents answer in
the page must have it.
"""

import contextlib
import datetime
import ipaddress
import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from desk.settings import DeskSettings
from domain.errors import ConfigError

VALID_DAYS = 730
RENEW_BEFORE_DAYS = 30


@dataclass(frozen=True)
class DeskTls:
    """PEM files. certificate: with its chain."""

    certificate: Path
    key: Path


def find_tls(settings: DeskSettings, data_dir: Path) -> DeskTls | None:
    """Where the certificate is, or will be when the desk has started; None for plain HTTP."""
    if settings.certificate is not None and settings.certificate_key is not None:
        return DeskTls(settings.certificate, settings.certificate_key)
    return DeskTls(data_dir / "tls" / "desk.crt", data_dir / "tls" / "desk.key") if settings.self_signed else None


def prepare_tls(settings: DeskSettings, data_dir: Path) -> DeskTls | None:
    """As `find_tls`, ready to be served; ConfigError when it cannot be."""
    tls = find_tls(settings, data_dir)
    if tls is None:
        return None
    if settings.certificate is None and not _is_good(tls.certificate):
        make_certificate(tls, own_names(settings.host))
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls.certificate, tls.key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"certificate and key cannot be used ({error.strerror or error})",
            where=f"desk.certificate = {tls.certificate}, desk.certificate_key = {tls.key}",
            remedy="name readable PEM files that belong together, the key without a password",
        ) from error
    return tls


def own_names(host: str) -> list[str]:
    """What browsers may call this machine: its name, its IPv4 addresses, and localhost."""
    names = [socket.gethostname(), "localhost"]
    own = [each for interface in psutil.net_if_addrs().values() for each in interface]
    addresses = [each.address for each in own if each.family is socket.AF_INET]
    return list(dict.fromkeys([*names, "127.0.0.1", *addresses, *([] if host in ("0.0.0.0", "::") else [host])]))  # noqa: S104


def make_certificate(tls: DeskTls, names: list[str]) -> None:
    """Self-signed, for these names and addresses; the key is readable by us only."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hotline12345 desk")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    tls.key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    tls.key.unlink(missing_ok=True)
    with os.fdopen(os.open(tls.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(secret)
    tls.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def trust(certificate: str) -> ssl.SSLContext:
    """For our own programs that ask this desk: exactly this certificate is believed, by whatever name it is reached."""
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _is_good(file: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        ends = x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
        return ends > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=RENEW_BEFORE_DAYS)
    return False


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
