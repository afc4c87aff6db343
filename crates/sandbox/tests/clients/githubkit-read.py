"""Reads every resource that a deploy tool or its users touch with PyPI
githubkit, and holds each answer against githubkit's models in pydantic's strict
mode: a number that is a text, a field that lacks or a null that may not be is
a problem. All problems are printed, by resource.

Usage: python3 githubkit-read.py GITHUB_BASE_URL TOKEN APP_JWT OWNER REPOSITORY
"""

import sys
from collections.abc import Callable

from githubkit import GitHub
from githubkit.exception import RequestFailed
from githubkit.response import Response
from pydantic import TypeAdapter, ValidationError

# The version of GitHub's API that the simulator says it speaks.
VERSION = "2022-11-28"

base, token, app_jwt, owner, repo = sys.argv[1:]
# A limit or a fault must show as itself: retries and the cache are off.
settings = {"base_url": f"{base}/api/v3/", "auto_retry": False, "http_cache": False}
# The clients are named: what they lead to does not keep them.
by_token, by_nobody = GitHub(token, **settings), GitHub(**settings)
rest, apps = by_token.rest(VERSION), by_nobody.rest(VERSION).apps
there = {"owner": owner, "repo": repo}
checked: list[str] = []
problems: list[str] = []


def read(call: Callable[..., Response], **arguments):
    """What is answered, as plain data, once it was held against its model."""
    name = f"{type(call.__self__).__name__.removesuffix('Client')}.{call.__name__}"
    try:
        response = call(**arguments)
    except RequestFailed as refused:
        problems.append(f"{name}: {refused.response.status_code} {refused.response.text}")
        raise SystemExit(finish()) from refused
    checked.append(name)
    try:
        TypeAdapter(response._data_model).validate_json(response.content, strict=True)
    except ValidationError as deviation:
        first = deviation.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        problems.append(f"{name}: {field}: {first['msg']}")
    return response.json()


def finish() -> int:
    """Says what was found."""
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"githubkit: {len(checked)} answers checked, {len(problems)} problems")
    return 1 if problems or not checked else 0


read(rest.meta.root)
read(rest.meta.get)
read(rest.rate_limit.get)
me = read(rest.users.get_authenticated)
read(rest.users.get_by_username, username=me["login"])
read(rest.repos.list_for_authenticated_user)
read(rest.repos.list_for_org, org=owner)
read(rest.repos.list_for_user, username=owner)
repository = read(rest.repos.get, **there)
branch = repository["default_branch"]

read(rest.repos.list_branches, **there)
read(rest.repos.get_branch, **there, branch=branch)
read(rest.git.get_ref, **there, ref=f"heads/{branch}")
commits = read(rest.repos.list_commits, **there)
head, first = commits[0]["sha"], commits[-1]["sha"]
read(rest.repos.get_commit, **there, ref=head)
read(rest.repos.compare_commits, **there, basehead=f"{first}...{head}")

read(rest.repos.create_commit_status, **there, sha=head, state="success", context="ci/lint")
read(rest.repos.get_combined_status_for_ref, **there, ref=head)
read(rest.repos.list_commit_statuses_for_ref, **there, ref=head)
runs = read(rest.checks.list_for_ref, **there, ref=head)
read(rest.checks.list_suites_for_ref, **there, ref=head)
read(rest.checks.get, **there, check_run_id=runs["check_runs"][0]["id"])

read(rest.repos.get_content, **there, path="")
read(rest.repos.get_content, **there, path="README.md")

read(rest.repos.get_all_environments, **there)
read(rest.repos.get_environment, **there, environment_name="production")
asked = {"ref": head, "environment": "production", "auto_merge": False, "required_contexts": []}
made = read(rest.repos.create_deployment, **there, **asked, payload={"note": "by githubkit"})
deployment = {**there, "deployment_id": int(made["id"])}
read(rest.repos.create_deployment_status, **deployment, state="error", description="It broke")
read(rest.repos.list_deployments, **there)
read(rest.repos.get_deployment, **deployment)
statuses = read(rest.repos.list_deployment_statuses, **deployment)
read(rest.repos.get_deployment_status, **deployment, status_id=int(statuses[0]["id"]))

as_app = {"headers": {"Authorization": f"Bearer {app_jwt}"}}
read(apps.get_authenticated, **as_app)
read(apps.list_installations, **as_app)
installation = read(apps.get_repo_installation, **there, **as_app)
read(apps.get_installation, installation_id=int(installation["id"]), **as_app)
read(apps.get_org_installation, org=owner, **as_app)
read(apps.get_user_installation, username=owner, **as_app)
minted = read(apps.create_installation_access_token, installation_id=int(installation["id"]), **as_app)
by_installation = GitHub(minted["token"], **settings)
read(by_installation.rest(VERSION).apps.list_repos_accessible_to_installation)
sys.exit(finish())
