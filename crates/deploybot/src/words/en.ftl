# What the bot says, in English. Fluent's syntax: https://projectfluent.org
#
# Each message is in every language, with the same variables. A variable is
# markup that is escaped already, or a number. `*bold*`, `_italic_` and code in
# backticks are Slack's. Command names, their arguments and the names of people,
# repositories and environments are the same in every language.

## Words that many messages share

text-no-message = _no message_
text-someone = someone
text-asked-by = asked by { $who }
text-nothing-changed = nothing was changed
text-commits =
    { $number ->
        [one] { $number } commit
       *[other] { $number } commits
    }
text-and-more = { $shown } and { $number } more
text-and = { $first } and { $last }
text-or = { $one } or { $other }
text-then = { $first }, then { $next }
text-did-you-mean = Did you mean { $candidates }?
text-nothing-deployed = nothing deployed yet
text-log = log
text-open = open
text-compare = compare
text-github-says = GitHub says: “{ $words }”.
# What the deploy service says of itself and of GitHub, which it says in English.
text-service-says = { $words }
text-next-try = The next try is at { $at }.

## Times; Slack shows what stands between <!date^ and > in each reader's zone

time-date = <!date^{ $second }^{"{"}date_short_pretty{"}"} {"{"}time{"}"}|{ $day } { $time } UTC>
time-clock = <!date^{ $second }^{"{"}time{"}"}|{ $time } UTC>
time-as-of = as of { $at }
time-just-now = just now
time-minutes-ago = { $minutes } min ago
time-hours-ago = { $hours } h ago
time-yesterday = yesterday
time-days-ago = { $days } days ago
time-seconds = { $seconds } s
time-minutes = { $minutes } min
time-minutes-and-seconds = { $minutes } min { $seconds } s
time-hours = { $hours } h
time-hours-and-minutes = { $hours } h { $minutes } min

## status

status-checks-unreadable = checks could not be read
status-checks-none = no checks
status-checks-pending = checks running ({ $done } of { $total })
status-checks-passed = checks passed
status-checks-failed = checks failed
status-checks-failed-named = checks failed: { $names }
status-no-commits = no commits yet
status-newest =
    { $number ->
        [one] newest commit
       *[other] newest { $number }
    }
status-and-more = and { $number } more
status-deploy = Deploy…
status-deploy-spoken = Deploy… { $commit }
status-no-environment = { $repository } has no environment yet. Environments are made in the repository's settings on GitHub.
status-more-environments = … and { $number } more environments
status-not-on-branch = { $environment } is not on { $branch }
status-up-to-date = { $environment } is up to date
status-behind = { $environment } is { $commits } behind { $branch }
status-since = since { $at }
status-going-out = 🚀 { $commit } is going out
status-running-for = for { $duration }
status-older-hint = Buttons stand beside the newest { $number }; for an older commit: { $line }
status-newest-is = newest is { $commit } { $headline }

## history

history-deployments = deployments
history-no-environment = It has no environment yet. Environments are made in the repository's settings on GitHub.
history-none-lately = none among the newest deployments: { $line }
history-rollback = rollback
history-rollback-of = rollback of { $commit }
history-live = *live*
history-pending = waiting to start
history-pending-for = waiting to start for { $duration }
history-running = running
history-running-for = running for { $duration }
history-succeeded = succeeded
history-succeeded-in = succeeded in { $duration }
history-failed = failed
history-failed-after = failed after { $duration }
history-cancelled = cancelled
history-cancelled-after = cancelled after { $duration }
history-unknown = GitHub says a state that I do not know
history-older-most = … there are older ones; I list at most { $most }.
history-older = … there are older ones: { $line }
history-others = … and { $names }; for one of them: { $line }
history-summary-no-environment = no environment yet
history-summary-nothing-lately = nothing lately
history-summary-live = { $commit } is live
history-summary-going-out = { $commit } is going out
history-summary-succeeded = { $commit } succeeded
history-summary-failed = { $commit } failed
history-summary-cancelled = { $commit } was cancelled
history-summary-unknown = { $commit } is in a state that I do not know

## The message that shows a request

request-deploys = 🚀 { $who } deploys *{ $repository }* { $commit } to { $environment }
request-rolls-back = ↩️ { $who } rolls *{ $repository }* back to { $commit } in { $environment }
request-accepted = ✔ accepted
request-looking = ✔ accepted  ▸ looking at the commit and its checks
request-asking-github = ✔ accepted  ▸ asking GitHub to deploy
request-waiting-for-workflow = waiting for its workflow to start
request-step-queued = queued
request-step-pending = waiting
request-step-waiting = waiting for approval
request-step-in-progress = running
request-step-success = success
request-step-failure = failure
request-step-error = error
request-step-inactive = inactive
request-nothing-before = nothing was live before
request-same = the same as { $base }
request-since = { $commits } since { $base }{ $compare }
request-takes-away = takes { $commits } away, back from { $base }{ $compare }
request-since-and-takes-away = { $commits } since { $base }, and takes { $away } away{ $compare }
request-live = ✅ *{ $repository }* { $commit } is live in { $environment }
request-back = ✅ *{ $repository }* is back at { $commit } in { $environment }
request-may-not = *{ $repository }* { $commit } may not go to { $environment }
request-retry = Retry
request-retry-spoken = Retry { $commit }

## A request that waits

waiting-accepted = ✔ accepted  ⏸ waiting
waiting-accepted-at = ✔ accepted { $at }  ⏸ waiting
waiting-github-away = GitHub does not answer.
waiting-goes-out-when-passed = This goes out by itself as soon as that has passed, if the rules still let it.
waiting-goes-out-when-back = This goes out by itself as soon as GitHub is back, if the rules still let it.
waiting-goes-out-then = This goes out by itself then, if the rules still let it.
waiting-goes-out-when-taken = This goes out by itself when GitHub takes calls again, if the rules still let it.
waiting-limit = GitHub's limit of calls is used up.
waiting-limit-until = GitHub's limit of calls is used up until { $at }.
waiting-create-limit = GitHub takes only so many new deployments a minute and an hour.
waiting-turn = This goes out by itself when it is its turn
waiting-next = This is the next to go out
waiting-ahead =
    { $number ->
        [one] { $number } goes before this, then this goes out by itself
       *[other] { $number } go before this, then this goes out by itself
    }
waiting-place = { $place }.
waiting-place-at = { $place }, at about { $at }.
waiting-answer-lost = GitHub was asked for this and did not answer, so it may have begun.
waiting-looking = I go on looking, and say here what I find.
waiting-unknown = This can't go out yet, for a reason that I do not know. It goes out by itself when it can.
waiting-cancel = Cancel
waiting-cancel-spoken = Cancel the deploy of { $commit }

## A request that failed

failed-did-not-reach = *{ $repository }* { $commit } did not reach { $environment }: { $why }
failed-workflow-silent = its workflow says no more
failed-not-made = the deployment could not be made
failed-after = after { $duration }
failed-unknown-change = What it has changed is not known; { $line } tells what is live.
failed-was-live = { $commit } was live before.
failed-still-live = { $commit } is still live.
failed-nothing-before = Nothing was live there before.
failed-roll-back-to = Roll back to { $commit }
failed-roll-back-title = Roll back?
failed-roll-back-question = { $repository } in { $environment } goes back to { $commit }. It passes the same gates as any deploy.
failed-roll-back-yes = Roll back
failed-roll-back-no = Leave it

## A request that was withdrawn

cancelled-deploy = ✋ { $by } withdrew the deploy of *{ $repository }* { $commit } to { $environment } before it went out
cancelled-rollback = ✋ { $by } withdrew the rollback of *{ $repository }* to { $commit } in { $environment } before it went out
cancelled-your-deploy = ✋ { $who }: { $by } withdrew your deploy of *{ $repository }* { $commit } to { $environment } before it went out. Nothing was changed.
cancelled-your-rollback = ✋ { $who }: { $by } withdrew your rollback of *{ $repository }* to { $commit } in { $environment } before it went out. Nothing was changed.

## Refusals: what they say. `detail` is empty, or a colon and a sentence.

refusal-unknown-repository = There is no repository { $repository } that I can see.
refusal-other-way-round = The repository comes first, then the environment: did you mean { $line }?
refusal-repository-first = If you mean the environment, its repository comes first: { $line }.
refusal-unknown-environment = There is no environment { $environment } in { $repository }.
refusal-has-none = It has none yet.
refusal-has = It has: { $names }.
refusal-unknown-commit = { $repository } has no commit { $commit }.
refusal-ambiguous = More than one commit of { $repository } begins with { $commit }:
refusal-not-sure = { $commit } is too short to be sure in { $repository }:
refusal-not-on-branch = { $commit } is not on a branch that may go to { $environment }{ $allowed }{ $detail }.
refusal-allowed = (allowed: { $names })
refusal-checks-failed = Checks of { $commit } failed{ $names }{ $detail }.
refusal-checks-pending = Checks of { $commit } are still running{ $counted }.
refusal-checks-counted = ({ $done } of { $total })
refusal-checks-missing = { $commit } has no checks, and only what has passed its checks goes out{ $detail }.
refusal-checks-unreadable = The checks of { $commit } could not be read whole{ $detail }.
refusal-locked = { $environment } of { $repository } is locked{ $detail }.
refusal-frozen = { $environment } of { $repository } takes no deployments now{ $detail }.
refusal-running = Another deployment is running in { $environment } of { $repository }{ $detail }.
refusal-about-to-begin = Another deployment is about to begin in { $environment } of { $repository }{ $detail }.
refusal-running-for = running for { $duration }
refusal-already-live = { $environment } of { $repository } runs { $commit } already{ $detail }.
refusal-live-since = , since { $at }
refusal-not-promoted = { $commit } has not run in { $before } yet, which comes before { $environment }{ $detail }.
refusal-the-environment = the environment
refusal-not-permitted = You may not deploy { $repository } to { $environment }{ $allowed }{ $detail }.
refusal-approval-needed = Someone else has to approve that { $repository } goes to { $environment }{ $allowed }{ $detail }.
refusal-these-may = ; these may: { $names }
refusal-policy-unreadable = The rules of { $repository } can't be read, so that nothing of it goes out{ $detail }.
refusal-github-refused = GitHub refused to make the deployment{ $detail }.
refusal-unknown = A rule that I do not know refused { $commit } of { $repository }{ $detail }.

## Refusals: the rule in short, for notifications and the manual

rule-unknown-repository = There is no such repository
rule-unknown-environment = The repository has no such environment
rule-unknown-commit = The repository has no such commit
rule-ambiguous-commit = More than one commit begins so
rule-not-on-allowed-branch = The commit is not on a branch that may be deployed there
rule-checks-failed = A check of the commit failed
rule-checks-pending = A check of the commit has not ended
rule-checks-missing = The commit has no checks
rule-checks-unreadable = The checks could not be read whole
rule-locked = Someone has locked the environment
rule-frozen = The environment takes no deployments now
rule-already-running = Another deployment is running there
rule-already-live = The environment runs this commit already
rule-not-promoted = The commit has not run in the environment that comes before
rule-not-permitted = You may not deploy there
rule-approval-needed = Someone else has to approve first
rule-policy-unreadable = The repository's rules can't be read
rule-github-refused = GitHub refused to make the deployment

## Refusals: what to do next

way-out-unknown-repository = If it is there, whoever administers it has to give me access.
way-out-unknown-environment = A new one is made in the repository's settings on GitHub.
way-out-unknown-commit = { $line } lists the newest commits.
way-out-ambiguous-commit = Write more digits of the one you mean.
way-out-not-on-allowed-branch = Merge it first, then deploy the commit that is on the branch.
way-out-checks-failed = Deploy a commit with the fix or, if a check failed by chance, run it again on GitHub and then ask again.
way-out-checks-pending = Ask again when they have passed; { $line } tells.
way-out-checks-missing = If it is new, ask again in a minute; if not, the repository needs a workflow that checks every push.
way-out-checks-unreadable = What can't be read is not taken as passed; ask again in a minute.
way-out-locked = Ask whoever locked it, or wait until it is unlocked.
way-out-frozen = Ask again when the freeze is over.
way-out-already-running = Ask again when it has ended.
way-out-already-live = There is nothing to do; { $line } lists the other commits.
way-out-not-promoted = Deploy it there first, then here.
way-out-not-permitted = Ask someone who may.
way-out-approval-needed = Ask one of those who may approve.
way-out-policy-unreadable = Put `.github/deploy.yml` right on the default branch, then ask again.
way-out-github-refused = Show this to whoever looks after the repository on GitHub.
way-out-unknown = Ask whoever runs deploybot to bring it up to date.

## What could not be asked

error-invalid = ❓ { $sentences } { $line } tells how.
error-unreachable = The deploy service does not answer.
error-timed-out = There was no answer in time: the deploy service is slow, or GitHub behind it.
error-unauthenticated = I am not allowed to ask the deploy service: whoever runs deploybot has to set its token.
error-internal = Something is broken in the deploy service, and its log says what: tell whoever runs deploybot.
error-nothing-changed = Nothing was changed.
error-in-a-minute = in a minute
error-in-a-moment = in a moment
error-in = in { $duration }
error-ask-again = Ask again { $when }.
error-open-again = Close this and open it again { $when }.
error-press-again = Press Deploy again { $when }.
error-press-again-now = Press Deploy again: the same request is never carried out twice.

## Words that are no command

misunderstood-unknown = I do not know { $word }.
misunderstood-no-command = There is no command { $word }.
misunderstood-all-commands = I know { $commands }; { $line } tells more.
misunderstood-several = I take one command in a message. Write them one by one: { $lines }.
misunderstood-roll-back = To roll back, deploy the earlier commit: { $line }. { $history } lists what was deployed.
misunderstood-no = I take { $word } for a no: nothing was deployed.
misunderstood-only-a-name = I do not know { $name }. If it is a repository, did you mean { $line }?
misunderstood-pull-request = { $pull } is a pull request, and I deploy commits: write the SHA of its merge commit. { $line } lists the newest.
misunderstood-two-commits = { $first } and { $second } are two commits, and one goes out at a time: { $lines }.
misunderstood-commit-of-another = The link is to a commit of { $linked }, not of { $repository }. Did you mean { $line }?
misunderstood-missing = { $command } needs { $missing }. For example: { $example }
misunderstood-a-repository = a repository
misunderstood-an-environment = an environment
misunderstood-a-commit = a commit
misunderstood-more-words = more words
misunderstood-where-to-look = { $line } lists its commits and environments.
misunderstood-extra = I do not know what { $words } means in { $usage }. Without it: { $example }
misunderstood-extra-limit = I do not know what { $words } means in { $usage }, whose limit is a whole number from 1 to { $most }. Without it: { $example }
misunderstood-bad-repository = { $word } can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
misunderstood-long-environment = { $word } can't be an environment: it is longer than { $most } characters. { $line } lists what there is.
misunderstood-unseen-environment = { $word } can't be an environment: it has characters that can't be seen. { $line } lists what there is.
misunderstood-not-hex = { $word } is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. { $line } lists the newest commits.
misunderstood-short-commit = { $word } is too short for a commit: write at least { $least } digits of its SHA. { $line } lists the newest commits.
misunderstood-long-commit = { $word } is too long for a commit: a whole SHA has { $most } digits. { $line } lists the newest commits.
misunderstood-bad-limit = { $word } can't be the limit: that is a whole number from 1 to { $most }. For example: { $example }
misunderstood-no-limit = A number from 1 to { $most } is missing after `limit`. For example: { $example }

## Short words beside the matter

notice-waiting = ⏳ { $why } I keep asking; there is no need to ask again.
notice-taken = ✔ The deploy service has taken the request.
notice-given-up = ⚠️ { $why } I have asked for { $duration } and stopped now. When that is over, { $line } tells whether the commit went out; if not, ask again.
notice-pressed-before = You have pressed this button before, and what it asked for has ended. To ask once more: { $line }
notice-withdrawn-already = { $who } has withdrawn it already.
notice-too-late = Too late to withdraw it: { $why }. Its message shows how it stands.
notice-not-stopped = it could not be stopped
notice-github-asked = GitHub is asked to deploy it right now
notice-going-out = it is going out
notice-live = it is live in { $environment }
notice-failed = it has ended without reaching { $environment }
notice-refused = a rule has refused it
notice-nothing-to-cancel = ❓ The deploy service does not know this request, so that there is nothing to withdraw. { $line } tells what runs where.
notice-perhaps-cancelled = ⚠️ { $why } If the message still shows that it waits, press Cancel again.
notice-nothing-chosen = Choose an environment.
notice-stranger = ✋ I do nothing for people of another workspace: ask somebody of this one.

## What Slack does not take, or not there

undelivered-plain = ⚠️ Slack does not take this as I have written it; whoever runs deploybot finds the reason in its log.
undelivered-elsewhere = I can't write in { $channel }, so I tell you here: invite me there, or ask whoever looks after it.

## The deploy dialog

dialog-title = Deploy { $repository }
dialog-submit = Deploy
dialog-close = Close
dialog-environment = Environment
dialog-looking-up = ⏳ Looking up the environments…
dialog-no-environment = { $repository } has no environment yet.
dialog-left-out = { $number } more do not fit this list; for one of them: { $line }
dialog-runs = { $environment }, runs { $commit }
dialog-nothing-deployed = { $environment }, nothing deployed yet
dialog-looking = ⏳ Looking at what would go to { $environment }…
dialog-goes-out = Goes out: { $difference }
dialog-goes-back = ⚠️ This goes back: it { $difference }
dialog-more = … and { $number } more
dialog-ready = ✅ Ready for { $environment }: { $checks }
dialog-may-not = It may not go to { $environment } now:

## An answer that GitHub could not renew

stale-limit = GitHub's limit of calls is used up
stale-app = GitHub does not accept deploybot's GitHub App
stale-away = GitHub does not answer
stale-banner = ⚠️ *{ $why }*.
stale-banner-until = ⚠️ *{ $why }* until { $at }.
stale-this-is = This is { $age }.
stale-this-is-partial = This is what deploybot knows, and may not be all: { $age }.
stale-as-of = as of { $at }, { $age }
stale-said-last = what it said last
stale-before = ⚠️ { $why }; { $age }.

## help

help-all = I deploy commits of GitHub repositories and tell what runs where. Mention me with a command:
help-more = { $line } tells all about one. `prod` will do for `production`.
help-for-example = For example { $line }
help-also = Also understood: { $aliases }

# In one line. Details are a sentence a line; examples have a line for each
# example of the command.
help-status-summary = shows the newest commits, their checks, and what runs where
help-status-details =
    Commits are those of the default branch, newest first: 5, or as many as you say, up to 50.
    Below them stands what each environment runs and how many commits it is behind.
    The button Deploy… beside a commit shows what would go out and asks before it does anything.
help-status-examples =
    the newest 5 commits
    the newest 20
help-deploy-summary = deploys exactly that commit, if its checks passed
help-deploy-details =
    A commit is its SHA, whole or its first 4 or more digits, or its address on GitHub; `status` lists them.
    The order of the words is free where `to` and `of` tell what is what.
    One message shows how it goes and is edited until it ends; if it fails, a new message mentions you.
    To roll back, deploy the earlier commit; `history` lists them.
    While GitHub does not answer, a deploy waits and says so; anybody can cancel it until it goes out.
help-deploy-examples =
    deploys that commit
    the same in other words
    the same by the commit's address
help-history-summary = shows what was deployed, when, by whom, and how it ended
help-history-details =
    Deployments are listed for each environment, newest first: 10, or as many as you say, up to 50.
    A rollback says which commit it took back.
help-history-examples =
    every environment
    only production
    more of it
help-help-summary = shows all commands, or one in full
help-help-details = To mention the bot and say nothing does the same, and `--help` behind a command shows that one.
help-help-examples =
    all commands
    all about deploy
