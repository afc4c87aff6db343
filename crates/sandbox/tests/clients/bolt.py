"""A bot on PyPI slack_bolt, as its guides teach, that the conversation of
tests/it/proofs/slack.rs speaks with: the same as bolt.mjs. It says when it
listens (and on which port), and ends when its input does.

Usage: python3 bolt.py SLACK_BASE_URL BOT_TOKEN APP_TOKEN SIGNING_SECRET socket|http
"""

import sys
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from slack_bolt import Ack, App, Respond, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

base, token, app_token, signing_secret, mode = sys.argv[1:]
client = WebClient(token=token, base_url=f"{base}/api/")
client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
app = App(client=client, signing_secret=signing_secret)
divider = {"type": "divider"}


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


@app.event("app_mention")
def mentioned(event: dict, say: Say) -> None:
    if "refuse" in event["text"]:
        say(f"refused: {refusals(event['channel'])}")
    elif "both" in event["text"]:
        asked = {"channel": event["channel"], "blocks": [divider]}
        client.api_call("chat.postMessage", json={**asked, "text": "by json"})
        form = {**asked, "blocks": '[{"type": "divider"}]', "text": "by form"}
        client.api_call("chat.postMessage", data=form)
    elif "look" in event["text"]:
        say(f"looked: {look(event['channel'], event['user'])}")
    else:
        open_form = {"type": "button", "action_id": "open", "text": plain("Open"), "value": "v1"}
        replace = {"type": "button", "action_id": "replace", "text": plain("Replace")}
        hello = {"type": "section", "text": {"type": "mrkdwn", "text": "*Hello* from bolt"}}
        actions = {"type": "actions", "elements": [open_form, replace]}
        say(text=f"You said: {event['text']}", blocks=[hello, actions])


@app.action("open")
def pressed(ack: Ack, body: dict, action: dict) -> None:
    ack()
    why = {
        "type": "input",
        "block_id": "why",
        "label": plain("Why?"),
        "element": {"type": "plain_text_input", "action_id": "text"},
    }
    view = {
        "type": "modal",
        "callback_id": "why",
        "private_metadata": f"{body['channel']['id']} {action['value']}",
        "title": plain("Why"),
        "submit": plain("Say"),
        "blocks": [why],
    }
    client.views_open(trigger_id=body["trigger_id"], view=view)


@app.action("replace")
def replaced(ack: Ack, respond: Respond) -> None:
    ack()
    respond(replace_original=True, text="Said in its place")


@app.view("why")
def submitted(ack: Ack, view: dict) -> None:
    why = view["state"]["values"]["why"]["text"]["value"]
    if len(why) < 5:
        ack(response_action="errors", errors={"why": "Say more."})
        return
    ack()
    channel, value = view["private_metadata"].split(" ")
    client.chat_postMessage(channel=channel, text=f"Because of {value}: {why}")


@app.event("message")
def overheard() -> None:
    """What is said to others, and by the bot itself, is acknowledged."""


@app.event("app_home_opened")
def at_home(event: dict) -> None:
    text = {"type": "mrkdwn", "text": f"Welcome home, <@{event['user']}>"}
    view = {"type": "home", "blocks": [{"type": "section", "text": text}]}
    client.views_publish(user_id=event["user"], view=view)


def refusals(channel: str) -> str:
    """What Slack says to a text that is too long, an unknown channel and a missing scope."""
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    calls = [
        lambda: client.chat_postMessage(channel=channel, text="x", blocks=[long]),
        lambda: client.chat_postMessage(channel="C0NONE", text="x"),
        lambda: client.reactions_add(channel=channel, timestamp="1.000000", name="eyes"),
    ]
    said = []
    for call in calls:
        try:
            call()
            said.append("taken")
        except SlackApiError as refused:
            answer = refused.response
            messages = (answer.get("response_metadata") or {}).get("messages")
            more = ",".join(messages) if messages else answer.get("needed") or ""
            said.append(f"{answer['error']} {more}".strip())
    return "; ".join(said)


def look(channel: str, user: str) -> str:
    """What the bot sees of a message that it edits, and of who asked."""
    metadata = {"event_type": "looked", "event_payload": {"nth": 1}}
    ts = client.chat_postMessage(channel=channel, text="first", metadata=metadata)["ts"]
    client.chat_update(channel=channel, ts=ts, text="second", metadata=metadata)
    last = {"latest": ts, "inclusive": True, "limit": 1, "include_all_metadata": True}
    message = client.conversations_history(channel=channel, **last)["messages"][0]
    kept = message["metadata"]
    who = client.users_info(user=user, include_locale=True)["user"]
    same = client.users_lookupByEmail(email=who["profile"]["email"])["user"]
    direct = client.conversations_open(users=user)["channel"]
    nth = kept["event_payload"]["nth"]
    seen = f"{message['text']} {kept['event_type']} {nth}"
    return f"{seen}; {who['locale']} {same['name']} {direct['id']}"


class Quiet(WSGIRequestHandler):
    """Tells nothing of each request."""

    def log_message(self, *_: object) -> None:
        pass


if mode == "socket":
    handler = SocketModeHandler(app, app_token)
    handler.connect()
    print("ready", flush=True)
    sys.stdin.read()
    handler.close()
else:
    server = make_server("127.0.0.1", 0, SlackRequestHandler(app), handler_class=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready {server.server_port}", flush=True)
    sys.stdin.read()
    server.shutdown()
