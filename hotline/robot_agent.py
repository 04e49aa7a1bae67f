"""A robot at an agent's place: a telephone that answers, and a desk that is used as the page uses it."""

from typing import Any

from hotline.booth import PhoneBooth
from hotline.config import Settings
from hotline.demo_accounts import desk_passwords
from hotline.desk_client import DeskClient
from hotline.running import RunningService
from hotline.sip_accounts import demo_passwords

ROBOT = "8004"


class RobotAgent:
    """Signs in as the demo's agent 8004 at the telephone 8004."""

    def __init__(self, settings: Settings, service: RunningService, booth: PhoneBooth, desk: DeskClient) -> None:
        self._settings = settings
        self._service = service
        self._booth = booth
        self.desk = desk

    async def register(self) -> None:
        """The telephone."""
        await self._booth.register(self._service.sip, ROBOT, demo_passwords(self._settings)[ROBOT])

    async def sign_in(self) -> dict[str, Any]:
        """The desk: 签入 and 空闲; the agent's status."""
        await self.desk.sign_in(ROBOT, desk_passwords(self._settings.service.data_dir)[ROBOT])
        await self.command("sign_out")
        for command in ("sign_in", "set_ready"):
            answer = await self.command(command, extension=ROBOT)
        status: dict[str, Any] = answer["status"] or {}
        return status

    async def command(self, command: str, **more: str) -> dict[str, Any]:
        return await self.desk.call("POST", "/api/agent/command", {"command": command, **more})
