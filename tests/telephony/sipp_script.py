"""Scenarios for sipp, written step by step; sipp itself keeps transactions, repeats and checks."""

from pathlib import Path

CALLER = "<sip:13812345678@[local_ip]:[local_port]>;tag=[call_number]"
URI = "sip:[service]@[remote_ip]:[remote_port]"
CALLED = "<sip:[service]@[remote_ip]:[remote_port]>"


def sound(direction: str = "sendrecv", *, address: str = "[media_ip]", version: int = 1) -> str:
    """A session description."""
    return (
        f"v=0\no=- 1 {version} IN IP[media_ip_type] [media_ip]\ns=-\n"
        f"c=IN IP[media_ip_type] {address}\nt=0 0\nm=audio 40000 RTP/AVP 8 101\n"
        f"a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\na={direction}\n"
    )


class SippScript:
    """One side of a call. CSeq numbers are ours to give; ACK and CANCEL take the INVITE's branch where they have to."""

    def __init__(self, *, caller: str = CALLER, called: str = CALLED, uri: str = URI) -> None:
        """caller: the From, with its tag. called: the To. uri: of requests before there is a Contact of theirs."""
        self._caller, self._called, self._uri = caller, called, uri
        self._steps: list[str] = []
        self._checks = 0
        self._cseq = 0
        self._invite_at = 0
        self._invite_number = 0
        self.kept = ""
        """What the last `keep` took, as sipp writes it."""

    def request(self, method: str, *, body: str = "", headers: str = "", early: bool = False) -> "SippScript":
        """Ask within or outside the dialog. early: to the URI of the INVITE (there is no Contact of theirs yet)."""
        self._cseq += 1
        branch = "[branch]"
        number = self._cseq
        if method == "INVITE":
            self._invite_at, self._invite_number = len(self._steps), self._cseq
        if method == "CANCEL":
            number, branch = self._invite_number, self._branch_of_invite()
        uri = self._uri if early else "[next_url]"
        tag = "" if method == "CANCEL" or (method == "INVITE" and early) else "[peer_tag_param]"
        return self._send(
            f"{method} {uri} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}\n"
            "Max-Forwards: 70\n"
            f"From: {self._caller}\nTo: {self._called}{tag}\nCall-ID: [call_id]\nCSeq: {number} {method}\n"
            f"Contact: <sip:13812345678@[local_ip]:[local_port]>\n{headers}",
            body,
            repeated=True,
        )

    def ack(self, *, body: str = "", refused: bool = False) -> "SippScript":
        """Of the last INVITE. refused: of a final response that is no 2xx, with the INVITE's branch and URI."""
        uri = self._uri if refused else "[next_url]"
        branch = self._branch_of_invite() if refused else "[branch]"
        return self._send(
            f"ACK {uri} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}\nMax-Forwards: 70\n"
            f"From: {self._caller}\nTo: {self._called}[peer_tag_param]\nCall-ID: [call_id]\n"
            f"CSeq: {self._invite_number} ACK\n",
            body,
        )

    def request_as_callee(self, method: str, *, body: str = "", headers: str = "") -> "SippScript":
        """Ask within a call that came to us, after `expect_call`."""
        self._cseq += 1
        return self._send(
            f"{method} [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
            f"Max-Forwards: 70\nFrom: <sip:8001@[local_ip]:[local_port]>;tag=[call_number]\nTo: {self.kept}\n"
            f"Call-ID: [call_id]\nCSeq: {self._cseq} {method}\nContact: <sip:[local_ip]:[local_port]>\n{headers}",
            body,
            repeated=True,
        )

    def expect_call(self, *patterns: str) -> "SippScript":
        """An INVITE to us."""
        return self.expect_request("INVITE", *patterns, keep="From: (<.*>;tag=[0-9a-f]*)")

    def answer(self, status: int, reason: str, *, body: str = "", headers: str = "") -> "SippScript":
        """To the request that came last, with our tag if it has none."""
        return self._send(
            f"SIP/2.0 {status} {reason}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n"
            f"[last_CSeq:]\nContact: <sip:[local_ip]:[local_port]>\n{headers}",
            body,
        )

    def answer_in_dialog(self, status: int, reason: str, *, body: str = "", headers: str = "") -> "SippScript":
        """To a request that has our tag already."""
        return self._send(
            f"SIP/2.0 {status} {reason}\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
            f"Contact: <sip:[local_ip]:[local_port]>\n{headers}",
            body,
        )

    def expect(self, status: int, *patterns: str, optional: bool = False, keep: str = "") -> "SippScript":
        """A response that matches all patterns. keep: a pattern with a group, whose text is $kept from then on."""
        attributes = f'response="{status}" rrs="true"' + (' optional="true"' if optional else "")
        return self._receive(attributes, patterns, keep)

    def expect_request(self, method: str, *patterns: str, keep: str = "") -> "SippScript":
        return self._receive(f'request="{method}" rrs="true"', patterns, keep)

    def wait(self, milliseconds: int) -> "SippScript":
        self._steps.append(f'<pause milliseconds="{milliseconds}"/>')
        return self

    def write(self, folder: Path) -> Path:
        """Where sipp finds it."""
        used = ",".join(str(number) for number in range(1, self._checks + 1))
        reference = f'<Reference variables="{used}"/>' if used else ""
        file = folder / "scenario.xml"
        steps = "\n".join(self._steps)
        file.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="scenario">\n{steps}\n{reference}\n</scenario>\n'
        )
        return file

    def _branch_of_invite(self) -> str:
        return f"[branch-{len(self._steps) - self._invite_at}]"

    def _send(self, head: str, body: str, *, repeated: bool = False) -> "SippScript":
        kind = "Content-Type: application/sdp\n" if body else ""
        retrans = ' retrans="500"' if repeated else ""
        text = f"{head}{kind}Content-Length: [len]\n\n{body}"
        self._steps.append(f"<send{retrans}>\n<![CDATA[\n\n{text}\n]]>\n</send>")
        return self

    def _receive(self, attributes: str, patterns: tuple[str, ...], keep: str) -> "SippScript":
        actions = ""
        for pattern in patterns:
            self._checks += 1
            actions += (
                f'<ereg regexp="{_escaped(pattern)}" search_in="msg" check_it="true" assign_to="{self._checks}"/>\n'
            )
        if keep:
            self._checks += 2
            whole, part = self._checks - 1, self._checks
            actions += f'<ereg regexp="{_escaped(keep)}" search_in="msg" check_it="true" assign_to="{whole},{part}"/>\n'
            self.kept = f"[${part}]"
        self._steps.append(
            f"<recv {attributes}>\n<action>\n{actions}</action>\n</recv>" if actions else f"<recv {attributes}/>"
        )
        return self


def _escaped(pattern: str) -> str:
    return pattern.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
