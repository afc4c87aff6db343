"""The bot of the bench as one writes it with PyPI slack_bolt after its guide: a
listener of mentions that asks its backend and answers with say(). The same as
bolt.cjs. It says when it listens (and on which port), and ends when its input
does.
"""

import json
import os
import sys
from socketserver import ThreadingMixIn
from threading import Thread
from urllib.request import Request, urlopen
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import App, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

backend = os.environ["BACKEND_URL"]
client = WebClient(
    token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]
)
# Without it a call that Slack wants made later is lost.
client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
app = App(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

HELP = "I know: status <repo>, history <repo>, deploy <repo> <environment> <sha>, help"


@app.event("app_mention")
def mentioned(event: dict, say: Say) -> None:
    _, command, *words = event["text"].split()
    say(text=answer(event["user"], command, words), thread_ts=event["ts"])


def answer(user: str, command: str, words: list[str]) -> str:
    if command == "status":
        told = ask(f"status/{words[0]}")
        newest = [f"`{one['sha']}` {one['headline']} · {one['author']}" for one in told["commits"]]
        live = [f"*{one['name']}* runs {one['live']}" for one in told["environments"]]
        return "\n".join([f"*{words[0]}*", *newest, *live])
    if command == "history":
        told = ask(f"history/{words[0]}")
        lines = [f"{it['environment']} `{it['sha']}` {it['state']}" for it in told["deployments"]]
        return "\n".join([f"*{words[0]}* · deployments", *lines])
    if command == "deploy" and len(words) == 3:
        repository, environment, commit = words
        wanted = {
            "user": user,
            "repository": repository,
            "environment": environment,
            "commit": commit,
        }
        state = ask("deploy", wanted)["state"]
        return f"<@{user}> deploys *{repository}* {commit} to {environment}: {state}"
    if command in ("deploy", "help"):
        return HELP
    return f'I don\'t know "{command}". {HELP}'


def ask(path: str, body: dict | None = None) -> dict:
    data = body and json.dumps(body).encode()
    request = Request(f"{backend}/{path}", data, {"content-type": "application/json"})
    with urlopen(request, timeout=10) as response:
        return json.load(response)


class Threads(ThreadingMixIn, WSGIServer):
    """A thread for each request, as the servers have that the guide names."""

    daemon_threads = True
    request_queue_size = 128


class Quiet(WSGIRequestHandler):
    """Tells nothing of each request."""

    def log_message(self, *_: object) -> None:
        pass


if os.environ["MODE"] == "socket":
    handler = SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    handler.connect()
    print("ready", flush=True)
    sys.stdin.read()
    handler.close()
else:
    server = make_server(
        "127.0.0.1", 0, SlackRequestHandler(app), server_class=Threads, handler_class=Quiet
    )
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready {server.server_port}", flush=True)
    sys.stdin.read()
    server.shutdown()
