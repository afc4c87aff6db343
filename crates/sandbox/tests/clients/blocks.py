"""Holds what the bot said against PyPI slack_sdk's models of Block Kit: every
block and view is read into its model, which checks it, and must come out with
all that it went in with. A message has a text besides.

Usage: python3 blocks.py FOLDER-OF-RECORDINGS
"""

import json
import logging
import sys
from pathlib import Path

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.metadata import Metadata
from slack_sdk.models.views import View

# What people see of these when they do not look is their text alone.
NOTIFIES = ("chat.postMessage", "chat.postEphemeral", "chat.update")

# What has no model is told by the library in its log alone.
logging.disable(logging.CRITICAL)
checked, problems = {"blocks": 0, "views": 0}, []


def problem(call: dict, why: object) -> None:
    told = f"{call['method']}: {why}"
    if told not in problems:
        problems.append(told)


def lost(given: object, kept: object, place: str = "") -> list[str]:
    """Where something that went in did not come out."""
    if isinstance(given, dict) and isinstance(kept, dict):
        absent = [f"{place}/{name}" for name in given if name not in kept]
        inner = [lost(given[name], kept[name], f"{place}/{name}") for name in given if name in kept]
        return absent + [one for found in inner for one in found]
    if isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        pairs = enumerate(zip(given, kept))
        return [one for at, pair in pairs for one in lost(*pair, f"{place}/{at}")]
    return [] if given == kept else [place]


def check(call: dict) -> None:
    said = call.get("arguments") or {}
    for block in said.get("blocks") or []:
        checked["blocks"] += 1
        model = Block.parse(block)
        if model is None:
            problem(call, f"{block.get('type')} is no block")
            continue
        for place in lost(block, model.to_dict(), f"/{block['type']}"):
            problem(call, f"{place} is not taken")
    if view := said.get("view"):
        checked["views"] += 1
        model = View(**view)
        model.validate_json()
        for place in lost(view, model.to_dict(), f"/{view['type']}"):
            problem(call, f"{place} is not taken")
    if metadata := said.get("metadata"):
        Metadata(**metadata).validate_json()
    if said.get("attachments"):
        problem(call, "attachments are not looked at")
    if said and call["method"] in NOTIFIES and not (said.get("text") or "").strip():
        problem(call, "there is no text for notifications")


seen = set()
for file in sorted(Path(sys.argv[1]).glob("**/*.jsonl")):
    for line in file.read_text().splitlines():
        if line in seen:
            continue
        seen.add(line)
        call = json.loads(line)
        try:
            check(call)
        except (SlackObjectFormationError, TypeError) as refused:
            problem(call, refused)
for told in problems:
    print(told, file=sys.stderr)
print(f"slack_sdk: {checked['blocks']} blocks and {checked['views']} views checked")
sys.exit(1 if problems or not checked["blocks"] else 0)
