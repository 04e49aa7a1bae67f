"""What pyVoIP's SIP client writes, without its thread, its socket and its sound (optional: `hotline12345[pyvoip]`).

Kept of pyVoIP 1.6.8: tags, branches, the user's identity, the Via of a response. Mended by overriding: an ACK had a new
tag in its To (stock phones and PBXs drop it), a BYE had the other side's Via, a challenge was answered without `qop`
and for a URI that was not the request's, and Call-IDs were the same after every restart.
"""

import hashlib
import secrets

import msgspec
import pyVoIP.VoIP  # noqa: F401  # before pyVoIP.SIP: they import each other
from pyVoIP import SIP

from telephony.pbx.message import PbxMessage
from telephony.sip.digest import Algorithm, Credentials, digest_response

ALLOWED = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"
_NONCE_COUNT = "00000001"


class PbxAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Our extension at the PBX."""

    host: str
    port: int
    user: str
    password: str

    def __repr__(self) -> str:
        return f"PbxAccount({self.user}@{self.host}:{self.port})"


class PbxDialog(msgspec.Struct, kw_only=True):
    """What requests inside a dialog are written from (RFC 3261, 12). local, remote: From and To without tags."""

    call_id: str
    local: str
    local_tag: str
    remote: str
    remote_tag: str = ""
    target: str
    cseq: int = 0


class PbxClient(SIP.SIPClient):
    """host, port: how the PBX reaches us."""

    def __init__(self, account: PbxAccount, host: str, port: int, user_agent: str) -> None:
        super().__init__(account.host, account.port, account.user, account.password, None, host, port)  # type: ignore[arg-type]  # its phone is not used
        self.user_agent = user_agent

    def gen_call_id(self) -> str:
        """pyVoIP counts from 1 at every start, so that a PBX meets old Call-IDs again."""
        return f"{secrets.token_hex(16)}@{self.myIP}"

    @property
    def registrar(self) -> str:
        return f"sip:{self.server}:{self.port}"

    def to_call(self, user: str, caller_number: str) -> PbxDialog:
        """A new dialog with `user`; caller_number: shown where the PBX allows it."""
        return PbxDialog(
            call_id=self.gen_call_id(),
            local=f'"{caller_number}" <sip:{self.username}@{self.server}>',
            local_tag=self.gen_tag(),
            remote=f"<sip:{user}@{self.server}>",
            target=f"sip:{user}@{self.server}:{self.port}",
        )

    def to_register(self) -> PbxDialog:
        identity = f"<sip:{self.username}@{self.server}>"
        return PbxDialog(
            call_id=self.gen_call_id(),
            local=identity,
            local_tag=self.tagLibrary["register"],
            remote=identity,
            target=self.registrar,
        )

    def write_request(
        self, method: str, dialog: PbxDialog, *, branch: str = "", cseq: int = 0, headers: str = "", body: str = ""
    ) -> str:
        """branch: of the INVITE, for its CANCEL and the ACK of its refusal. cseq: the dialog's present one when 0."""
        to_tag = f";tag={dialog.remote_tag}" if dialog.remote_tag else ""
        return (
            f"{method} {dialog.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.myIP}:{self.myPort};branch={branch or self.gen_branch()};rport\r\n"
            "Max-Forwards: 70\r\n"
            f"From: {dialog.local};tag={dialog.local_tag}\r\nTo: {dialog.remote}{to_tag}\r\n"
            f"Call-ID: {dialog.call_id}\r\nCSeq: {cseq or dialog.cseq} {method}\r\n"
            f"Contact: <sip:{self.username}@{self.myIP}:{self.myPort}>\r\n"
            f"Allow: {ALLOWED}\r\nUser-Agent: {self.user_agent}\r\n{headers}{_content(body)}"
        )

    def write_response(
        self, request: PbxMessage, status: int, reason: str, *, to_tag: str = "", headers: str = "", body: str = ""
    ) -> str:
        """to_tag: ours, where the request has none yet."""
        tag = request.tag("To") or to_tag
        number, method = request.cseq
        return (
            f"SIP/2.0 {status} {reason}\r\n{self._gen_response_via_header(request)}"
            f"From: {request.headers['From']['raw']};tag={request.tag('From')}\r\n"
            f"To: {request.headers['To']['raw']}{f';tag={tag}' if tag else ''}\r\n"
            f"Call-ID: {request.call_id}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:{self.username}@{self.myIP}:{self.myPort}>\r\n"
            f"Allow: {ALLOWED}\r\nServer: {self.user_agent}\r\n{headers}{_content(body)}"
        )

    def answer_challenge(self, response: PbxMessage, method: str, uri: str) -> str:
        """The header line that answers a 401 or 407; "" when it asks for something that we do not have."""
        challenge = response.authentication
        algorithms = {algorithm.value: algorithm for algorithm in Algorithm}
        algorithm = algorithms.get(challenge.get("algorithm", "MD5").upper())
        if algorithm is None or "nonce" not in challenge or "realm" not in challenge:
            return ""
        credentials = Credentials(
            username=self.username,
            realm=challenge["realm"],
            nonce=challenge["nonce"],
            uri=uri,
            response="",
            cnonce=secrets.token_hex(8),
            nonce_count=_NONCE_COUNT,
            algorithm=algorithm,
        )
        words = {
            "username": credentials.username,
            "realm": credentials.realm,
            "nonce": credentials.nonce,
            "uri": uri,
            "response": self._proof(credentials, method, challenge.get("qop", "")),
            **({"opaque": challenge["opaque"]} if "opaque" in challenge else {}),
        }
        quoted = ", ".join(f'{name}="{value}"' for name, value in words.items())
        if challenge.get("qop"):
            quoted += f', qop=auth, nc={_NONCE_COUNT}, cnonce="{credentials.cnonce}"'
        name = "Authorization" if response.code == 401 else "Proxy-Authorization"
        return f"{name}: Digest {quoted}, algorithm={algorithm.value}\r\n"

    def _proof(self, credentials: Credentials, method: str, qop: str) -> str:
        if qop:
            return digest_response(credentials, self.password, method)

        # RFC 2617, 3.2.2.1, for a PBX that asks without qop.
        def of(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  # what the RFC says

        secret = of(f"{credentials.username}:{credentials.realm}:{self.password}")
        return of(f"{secret}:{credentials.nonce}:{of(f'{method}:{credentials.uri}')}")


def _content(body: str) -> str:
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return f"{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
