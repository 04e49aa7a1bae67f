"""HTTPS of the desk: a certificate of one's own, one that is made here, and what cannot be used."""

import ssl
import stat

import pytest
from cryptography import x509
from pydantic import ValidationError

from desk.settings import DeskSettings
from domain.errors import ConfigError
from hotline.desk_tls import DeskTls, find_tls, make_certificate, own_names, prepare_tls, trust


def test_without_a_certificate_it_is_plain_http(tmp_path):
    settings = DeskSettings()
    assert settings.scheme == "http"
    assert prepare_tls(settings, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_is_made_once_for_every_name_of_this_machine(tmp_path):
    settings = DeskSettings(self_signed=True, host="192.0.2.7")
    assert settings.scheme == "https"
    tls = prepare_tls(settings, tmp_path)
    assert tls == find_tls(settings, tmp_path)
    assert stat.S_IMODE(tls.key.stat().st_mode) == 0o600
    made = tls.certificate.read_bytes()
    names = x509.load_pem_x509_certificate(made).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    assert {"127.0.0.1", "192.0.2.7"} <= addresses
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    prepare_tls(settings, tmp_path)
    assert tls.certificate.read_bytes() == made
    assert trust(str(tls.certificate)).verify_mode is ssl.CERT_REQUIRED


def test_a_damaged_certificate_of_ours_is_made_anew(tmp_path):
    settings = DeskSettings(self_signed=True)
    tls = prepare_tls(settings, tmp_path)
    tls.certificate.write_text("nonsense")
    prepare_tls(settings, tmp_path)
    assert "BEGIN CERTIFICATE" in tls.certificate.read_text()


def test_an_operators_certificate_is_served_or_refused_in_words(tmp_path):
    one = DeskTls(tmp_path / "one.crt", tmp_path / "one.key")
    other = DeskTls(tmp_path / "other.crt", tmp_path / "other.key")
    for each in (one, other):
        make_certificate(each, own_names("127.0.0.1"))
    good = DeskSettings(certificate=one.certificate, certificate_key=one.key)
    assert prepare_tls(good, tmp_path) == one
    mixed = DeskSettings(certificate=one.certificate, certificate_key=other.key)
    missing = DeskSettings(certificate=one.certificate, certificate_key=tmp_path / "no.key")
    for wrong in (mixed, missing):
        with pytest.raises(ConfigError, match="cannot be used") as caught:
            prepare_tls(wrong, tmp_path)
        assert "one.crt" in caught.value.where


@pytest.mark.parametrize("wrong", [{"certificate": "a"}, {"certificate_key": "a"}])
def test_half_a_certificate_is_refused(wrong):
    with pytest.raises(ValidationError, match="go together"):
        DeskSettings(**wrong)
    with pytest.raises(ValidationError, match="without a certificate"):
        DeskSettings(certificate="a", certificate_key="b", self_signed=True)
