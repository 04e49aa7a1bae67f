"""Commands that are imported when they are typed: who starts a role does not wait for what draws graphs of flows."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

PLACES = {
    "flow": "hotline.flow_commands:flow_app",
    "prompts": "hotline.prompt_commands:prompts_app",
    "models": "hotline.model_commands:models_app",
    "users": "hotline.user_commands:users_app",
    "queue": "hotline.queue_commands:queue_app",
    "config": "hotline.by_hand_commands:config_app",
    "bans": "hotline.edge_commands:bans_app",
    "demo": "hotline.proof_commands:demo",
    "call": "hotline.proof_commands:call",
    "transcribe": "hotline.by_hand_commands:transcribe",
    "doctor": "hotline.by_hand_commands:doctor",
    "trunks": "hotline.edge_commands:trunks",
}
"""Where each command is: a Typer with commands of its own, or the function."""


class LateCommands(TyperGroup):
    """The commands that are there, and those of the places."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands.update({name: TyperCommand(name) for name in PLACES})  # names for help and suggestions

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in PLACES:
            return super().get_command(ctx, cmd_name)
        module, _, name = PLACES[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        command = get_group(found) if isinstance(found, typer.Typer) else _command_of(found)
        command.name = cmd_name
        return command


def _command_of(function: Callable[..., None]) -> Any:
    alone = typer.Typer(add_completion=False)
    alone.command()(function)
    return get_command(alone)
