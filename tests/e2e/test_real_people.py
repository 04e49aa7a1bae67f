"""Real recorded people through the whole path: SIP, A-law, bus, endpointing, desk."""

import io
import json
import random

from rich.console import Console

from hotline.demo import prove
from hotline.demo_checks import WORST_CER
from hotline.speech_folder import read_speech_folder
from tests.asr.sounds import speech_folder
from tests.e2e.service import Service

UTTERANCES = 14


async def test_their_words_reach_the_desk(service: Service) -> None:
    talk = read_speech_folder(speech_folder(), UTTERANCES, random.Random(12345))
    proof = await prove(service.settings, service.running, talk, Console(file=io.StringIO()), quiet=True)
    told = json.dumps(proof.steps.facts(), ensure_ascii=False, indent=1)
    [rate] = [step.facts["character_error_rate"] for step in proof.steps.done if step.name == "error rate"]
    print(f"character error rate through the whole path: {rate:.1%}")
    assert rate <= WORST_CER, told
    assert not proof.steps.missing, told
