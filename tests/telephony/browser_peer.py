"""Another WebRTC stack in the place of a browser: aiortc's own peer connection, with a tone for a microphone."""

import asyncio
import fractions

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from av import AudioFrame

from bus.memory import MemoryBus
from domain.g711 import RATE_HZ
from domain.topics import WEB_PHONE_COMMAND, WEB_PHONE_CONNECT, WEB_PHONE_STATE
from domain.web_phone import ConnectWebPhone, WebPhoneCommand, WebPhoneReply, WebPhoneView


class ToneMicrophone(AudioStreamTrack):
    """A sine of this pitch, 20 ms a frame."""

    def __init__(self, pitch_hz: float) -> None:
        super().__init__()
        self._pitch_hz = pitch_hz
        self._at = 0

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(0.02)
        times = (self._at + np.arange(160)) / RATE_HZ
        samples = (8000 * np.sin(2 * np.pi * self._pitch_hz * times)).astype(np.int16)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._at, fractions.Fraction(1, RATE_HZ)
        self._at += 160
        return frame


class BrowserPeer:
    """One page's connection, signalling over the bus as the desk does. views: how the telephone stood, newest last."""

    def __init__(self, bus: MemoryBus, agent_id: str, connection_id: str, pitch_hz: float = 440) -> None:
        self.bus = bus
        self.agent_id = agent_id
        self.connection_id = connection_id
        self.views: list[WebPhoneView] = []
        self.heard: list[np.ndarray] = []
        self._news = asyncio.Condition()
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._microphone = ToneMicrophone(pitch_hz)
        self._hearing: asyncio.Task[None] | None = None

    async def connect(self) -> WebPhoneReply:
        await self.bus.subscribe(WEB_PHONE_STATE, (self.agent_id,), self._on_view)
        transceiver = self._peer.addTransceiver(self._microphone)
        capabilities = RTCRtpSender.getCapabilities("audio").codecs
        transceiver.setCodecPreferences([codec for codec in capabilities if codec.mimeType == "audio/PCMA"])
        self._peer.on("track", self._on_track)
        await self._peer.setLocalDescription(await self._peer.createOffer())
        offer = self._peer.localDescription.sdp
        ask = ConnectWebPhone(agent_id=self.agent_id, connection_id=self.connection_id, offer=offer)
        reply = await self.bus.request(WEB_PHONE_CONNECT, (), ask, timeout_s=10)
        if reply.accepted:
            await self._peer.setRemoteDescription(RTCSessionDescription(sdp=reply.answer, type="answer"))
            await self.sees(lambda view: view.up and view.connection_id == self.connection_id)
        return reply

    async def command(self, command: WebPhoneCommand) -> WebPhoneReply:
        return await self.bus.request(WEB_PHONE_COMMAND, (self.agent_id, self.connection_id), command, timeout_s=10)

    async def sees(self, wanted) -> WebPhoneView:
        """The first view from now on, or the present one, of which this is true."""
        async with asyncio.timeout(30), self._news:
            while not (self.views and wanted(self.views[-1])):
                await self._news.wait()
            return self.views[-1]

    def speak(self, on: bool) -> None:
        """Send the tone, or nothing at all."""
        self._peer.getSenders()[0].replaceTrack(self._microphone if on else None)

    async def close(self) -> None:
        await self._peer.close()

    async def _on_view(self, _subject: str, view: WebPhoneView) -> None:
        async with self._news:
            self.views.append(view)
            self._news.notify_all()

    def _on_track(self, track) -> None:
        self._hearing = asyncio.ensure_future(self._hear(track))

    async def _hear(self, track) -> None:
        try:
            while True:
                frame = await track.recv()
                self.heard.append(frame.to_ndarray().reshape(-1)[:: frame.sample_rate // RATE_HZ])
        except MediaStreamError:
            return


def pitch_share(samples: np.ndarray, pitch_hz: float) -> float:
    """How much of the sound's power is within 15 Hz of the pitch, 0..1."""
    if len(samples) < 800 or not np.any(samples):
        return 0.0
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / RATE_HZ) - pitch_hz) < 15
    return float(power[near].sum() / power.sum())
