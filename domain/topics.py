"""Every subject of the bus, with its type. docs/bus.md is generated from this list."""

from domain.acd import SnapshotPlace
from domain.acd_event import AcdEvent
from domain.agent import AgentCommand, AgentOffer, AgentReply, AgentStatus, PhoneState
from domain.audio import AudioChunk, decode_chunk, encode_chunk
from domain.call import CallEvent
from domain.command import CallCommand, CommandReply, SwitchCommand
from domain.inspection import Inspection
from domain.job import InspectJob, TranscribeJob
from domain.knowledge import AssistMessage, KnowledgeFound, SearchKnowledge
from domain.queueing import QueueSnapshot, SnapshotRequest
from domain.sip_edge import SipEdgeQuestion, SipEdgeReport
from domain.speech import (
    Expected,
    HotWords,
    LanguageHeard,
    ListenerAlive,
    LivePartial,
    OpenStream,
    SpeechMessage,
    StreamOpened,
)
from domain.ticket import AskLocation, TicketLocation
from domain.topic import Codec, Service, Topic
from domain.transcript import TranscriptMessage
from domain.web_phone import ConnectWebPhone, WebPhoneCommand, WebPhoneReply, WebPhoneView

CALL_EVENT: Topic[CallEvent] = Topic("call.*.event", Codec(CallEvent), stored=True)
CALL_AUDIO: Topic[AudioChunk] = Topic("call.*.audio.*", Codec(AudioChunk, encode_chunk, decode_chunk))
CALL_PLAYED: Topic[AudioChunk] = Topic("call.*.played.*", Codec(AudioChunk, encode_chunk, decode_chunk))
CALL_SPEECH: Topic[SpeechMessage] = Topic("call.*.speech", Codec(SpeechMessage), stored=True)
CALL_PARTIAL: Topic[LivePartial] = Topic("call.*.speech.partial", Codec(LivePartial))
CALL_EXPECTED: Topic[Expected] = Topic("call.*.expected.*", Codec(Expected))
CALL_LANGUAGE: Topic[LanguageHeard] = Topic("call.*.language", Codec(LanguageHeard), stored=True)
CALL_ASSIST: Topic[AssistMessage] = Topic("call.*.assist", Codec(AssistMessage), stored=True)
CALL_INSPECTION: Topic[Inspection] = Topic("call.*.inspection", Codec(Inspection), stored=True)
CALL_TRANSCRIPT: Topic[TranscriptMessage] = Topic("call.*.transcript", Codec(TranscriptMessage), stored=True)
CALL_COMMAND: Service[CallCommand, CommandReply] = Service("call.*.command", Codec(CallCommand), Codec(CommandReply))
SWITCH_COMMAND: Service[SwitchCommand, CommandReply] = Service(
    "switch.command", Codec(SwitchCommand), Codec(CommandReply)
)
SIP_EDGE: Service[SipEdgeQuestion, SipEdgeReport] = Service(
    "switch.*.sip", Codec(SipEdgeQuestion), Codec(SipEdgeReport)
)

AGENT_STATE: Topic[AgentStatus] = Topic("agent.*.state", Codec(AgentStatus), stored=True)
AGENT_OFFER: Topic[AgentOffer] = Topic("agent.*.offer", Codec(AgentOffer))
AGENT_COMMAND: Service[AgentCommand, AgentReply] = Service("agent.*.command", Codec(AgentCommand), Codec(AgentReply))
PHONE_STATE: Topic[PhoneState] = Topic("phone.*.state", Codec(PhoneState), stored=True)

WEB_PHONE_STATE: Topic[WebPhoneView] = Topic("web_phone.*.state", Codec(WebPhoneView))
WEB_PHONE_CONNECT: Service[ConnectWebPhone, WebPhoneReply] = Service(
    "web_phone.connect", Codec(ConnectWebPhone), Codec(WebPhoneReply)
)
WEB_PHONE_COMMAND: Service[WebPhoneCommand, WebPhoneReply] = Service(
    "web_phone.*.*.command", Codec(WebPhoneCommand), Codec(WebPhoneReply)
)

QUEUE_STATE: Topic[QueueSnapshot] = Topic("queue.state", Codec(QueueSnapshot))
QUEUE_SNAPSHOT: Service[SnapshotRequest, QueueSnapshot] = Service(
    "queue.snapshot", Codec(SnapshotRequest), Codec(QueueSnapshot)
)

ACD_LOG: Topic[AcdEvent] = Topic("acd.log", Codec(AcdEvent), stored=True)
ACD_SNAPSHOT: Topic[SnapshotPlace] = Topic("acd.snapshot", Codec(SnapshotPlace), stored=True)

ASR_OPEN: Service[OpenStream, StreamOpened] = Service("asr.open", Codec(OpenStream), Codec(StreamOpened))
ASR_ALIVE: Topic[ListenerAlive] = Topic("asr.alive", Codec(ListenerAlive))
HOT_WORDS: Topic[HotWords] = Topic("asr.hot_words", Codec(HotWords), stored=True)
KNOWLEDGE_SEARCH: Service[SearchKnowledge, KnowledgeFound] = Service(
    "knowledge.search", Codec(SearchKnowledge), Codec(KnowledgeFound)
)

TICKET_LOCATION: Service[AskLocation, TicketLocation] = Service(
    "ticket.location", Codec(AskLocation), Codec(TicketLocation)
)

JOB_INSPECT: Topic[InspectJob] = Topic("job.inspect", Codec(InspectJob), stored=True)
JOB_TRANSCRIBE: Topic[TranscribeJob] = Topic("job.transcribe", Codec(TranscribeJob), stored=True)
