# What the bot says, in English. Fluent's syntax: https://projectfluent.org
#
# Each message is in every language, with the same variables. A variable is
# markup that is escaped already, or a number. `*bold*`, `_italic_` and code in
# backticks are Slack's. Command names, their arguments and the names of people,
# repositories and environments are the same in every language.

## Words that many messages share

text-no-message = _no message_
text-someone = someone
text-told-to = { $who }: { $told }
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
text-next-try-soon = GitHub is tried again within a minute.

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
status-commits-unknown = commits not known now
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
status-unknown = What runs in { $repository } is not known now.
status-not-on-branch = { $environment } is not on { $branch }
status-up-to-date = { $environment } is up to date
status-behind = { $environment } is { $commits } behind { $branch }
status-since = since { $at }
status-going-out = 🚀 { $commit } is going out
status-waits = ⏸ { $commit } waits to go to { $environment }
status-more-may-wait = … and there may be more that wait
status-running-for = for { $duration }
status-older-hint = Buttons stand beside the newest { $number }; for an older commit: { $line }
status-newest-is = newest is { $commit } { $headline }

## history

history-deployments = deployments
history-no-environment = It has no environment yet. Environments are made in the repository's settings on GitHub.
history-none-lately = none among the newest deployments: { $line }
history-rollback = rollback
history-rollback-after = rollback after { $commit }
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
request-step-ended = ended by deploybot
request-nothing-before = nothing was live before
request-same = no new commits: { $base } is still live
request-since = { $commits } since { $base }{ $compare }
request-takes-away = takes { $commits } away, back from { $base }{ $compare }
request-took-away = took { $commits } away, back from { $base }
request-since-and-takes-away = { $commits } since { $base }, and takes { $away } away{ $compare }
request-since-and-took-away = { $commits } since { $base }, and took { $away } away
request-live = ✅ *{ $repository }* { $commit } is live in { $environment }
request-back = ✅ *{ $repository }* is back at { $commit } in { $environment }
request-may-not = *{ $repository }* { $commit } may not go to { $environment }
request-retry = Retry
request-retry-spoken = Retry { $commit }
commits-more = … and { $number } more

## A request that waits

waiting-accepted = ✔ accepted  ⏸ waiting
waiting-accepted-at = ✔ accepted { $at }  ⏸ waiting
waiting-github-away = GitHub does not answer.
waiting-goes-out-when-passed = This goes out by itself as soon as that has passed, if nothing is going out there then and the rules still let it.
waiting-goes-out-when-back = This goes out by itself as soon as GitHub is back, if nothing is going out there then and the rules still let it.
waiting-goes-out-then = This goes out by itself then, if nothing is going out there and the rules still let it.
waiting-goes-out-when-taken = This goes out by itself when GitHub takes calls again, if nothing is going out there then and the rules still let it.
waiting-goes-out-behind = What was asked for there before goes first. If that goes out, this is refused, and has to be asked for again when that has ended; if not, this goes out by itself, as far as the rules still let it.
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

## A deployment, in a channel that follows it

followed-goes-out = 🚀 *{ $repository }* { $commit } goes out to { $environment }
followed-goes-back = ↩️ *{ $repository }* goes back to { $commit } in { $environment }
followed-asked-in = asked by { $who } in { $channel }
followed-made-on-github = made on GitHub by { $who }, not through me

## What a channel follows

subscriptions-from-now-on = 🔔 From now on I tell here of deployments of *{ $repository }* to { $environment }: { $moments }.
subscriptions-until-now = Until now I did: { $moments }.
subscriptions-others = Those that are asked for here have their own message anyway. To be told no more of the others: { $line }
subscriptions-ended = 🔕 I tell no more here of deployments of *{ $repository }* to { $environments }.
subscriptions-newer = ✔ Another `subscribe` was said here after this, and that holds: nothing was changed.
subscriptions-ended-since = ✔ `unsubscribe` was said here after this, so this is withdrawn: nothing was changed.
subscriptions-withdrawn = ✔ What was still waiting to begin here is withdrawn: { $lines }
subscriptions-nothing = ❓ There is nothing to end: nobody had me tell here of *{ $repository }*. { $line } lists what I tell of.
subscriptions-nothing-of = ❓ There is nothing to end: nobody had me tell here of *{ $repository }* in { $environment }. { $line } lists what I tell of.
subscriptions-kept = The file `.github/deploy.yml` of *{ $repository }* names this channel for { $environments }: that goes on until somebody changes it there.
subscriptions-none = I tell here of no deployments but those that are asked for here. For more: { $line }
subscriptions-list = 🔔 Deployments that I tell of here:
subscriptions-one = • *{ $repository }* to { $environment }: { $moments }
subscriptions-by-file = by its `.github/deploy.yml`
subscriptions-more = … and { $number } more
subscriptions-in-vain = ⚠️ You had me tell of deployments in { $channel }, but I can't write there. Invite me: `/invite @deploybot`. If nobody wants to hear of them any more, say `unsubscribe` there after that.
subscriptions-lost = ⚠️ You had me tell in { $channel } of deployments of *{ $repository }* to { $environment }. That channel is archived, or hidden from me, so I tell there of them no more. To go on, say `subscribe` in a channel that I am in.
subscriptions-started = when one begins
subscriptions-live = when one is live
subscriptions-failed = when one fails

## A request that failed

failed-told = { $who }: { $what }
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

## What stands between the deploy service and GitHub

obstacle-not-answering-since = GitHub has not answered since { $at }.
obstacle-app-not-accepted = GitHub does not accept deploybot's GitHub App: if that does not pass, whoever runs deploybot has to see to its id and its private key.
obstacle-token-not-accepted = GitHub does not accept deploybot's token: whoever runs deploybot has to renew it.
obstacle-not-installed = deploybot's GitHub App is not installed for { $owner }: an owner of { $owner } has to install it there.
obstacle-hidden = GitHub does not know this, or deploybot may not see it: whoever runs deploybot has to see to its access.
obstacle-refused = GitHub refuses what deploybot asks of it: whoever runs deploybot has to see to its access. Its log has GitHub's reason.
obstacle-not-set-up = deploybot's access to GitHub is not set up right: whoever runs deploybot has to correct it.
obstacle-unreadable = GitHub's answer could not be understood: if that does not pass, whoever runs deploybot finds more in its log.
obstacle-journal = The deploy service's journal does not answer.

## Why something failed: a clause to be read after a colon, and sentences that
## follow it

failure-no-reason = Its workflow ended without success and gave no reason; see its log
failure-inactive = It was cancelled: it became inactive before it succeeded
failure-not-picked-up = Nobody picked it up within { $duration }
failure-not-picked-up-cause = Most likely no workflow runs on `deployment` at this commit, no runner is free, or GitHub Actions is switched off for the repository. Nothing was deployed, unless a runner still comes late.
failure-silent = Its workflow said nothing for { $duration }
failure-silent-cause = Most likely the workflow was cancelled, its runner was lost, or it does not report its steps. It may have got anywhere: look at what runs before deploying again.
failure-not-let-go = Nobody let it go on within { $duration }
failure-not-let-go-cause = Its environment waits for a reviewer, or for a time that its rules set. What was waited for was not deployed.
failure-not-ended = GitHub does not let deploybot end it. { $why }
failure-unreadable = deploybot could not read this deployment on GitHub for { $duration }
failure-end-unknown = How it ends is not known here: look at what runs before deploying again.
failure-deleted = The deployment is not on GitHub any more: someone deleted it
failure-defect = Something went wrong in deploybot; its log says what
failure-nothing-deployed = Nothing was deployed.
failure-perhaps-made = Whether GitHub made the deployment is not known: look at the history before you ask again.
failure-made-unknown = Whether GitHub made the deployment is not known
failure-look-at-history = Look at the history before you ask again.
failure-waited = It was asked for on { $at } and could not go out since then
failure-waits-at-most = A request waits for at most { $duration }: ask again if it is still wanted.
failure-down = The deploy service was down or stuck since { $at }
failure-asked-at = It was asked for on { $at }: ask again if it is still wanted.

## A request that was withdrawn

cancelled-deploy = ✋ { $by } withdrew the deploy of *{ $repository }* { $commit } to { $environment } before it went out
cancelled-rollback = ✋ { $by } withdrew the rollback of *{ $repository }* to { $commit } in { $environment } before it went out
cancelled-your-deploy = ✋ { $who }: { $by } withdrew your deploy of *{ $repository }* { $commit } to { $environment } before it went out. Nothing was changed.
cancelled-your-rollback = ✋ { $who }: { $by } withdrew your rollback of *{ $repository }* to { $commit } in { $environment } before it went out. Nothing was changed.

## A request that was refused

refused-what = *{ $repository }* { $commit } to { $environment }
refused-your-deploy = { $who }: your deploy of *{ $repository }* { $commit } to { $environment } has waited, and was refused now. Nothing was changed.
refused-your-rollback = { $who }: your rollback of *{ $repository }* to { $commit } in { $environment } has waited, and was refused now. Nothing was changed.

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
refusal-was-running = Another deployment was running in { $environment } of { $repository }{ $detail }.
refusal-was-about-to-begin = Another deployment was about to begin in { $environment } of { $repository }{ $detail }.
refusal-running-for = running for { $duration }
refusal-running-since = since { $at }
refusal-already-live = { $environment } of { $repository } runs { $commit } already{ $detail }.
refusal-live-changed = { $live } has gone live in { $environment } of { $repository } since, so this was not done.
refusal-something-else = Something else
refusal-live-since = , since { $at }
refusal-not-promoted = { $commit } has not run in { $before } yet, which comes before { $environment }{ $detail }.
refusal-the-environment = the environment
refusal-not-permitted = You may not deploy { $repository } to { $environment }{ $allowed }{ $detail }.
refusal-approval-needed = Someone else has to approve that { $repository } goes to { $environment }{ $allowed }{ $detail }.
refusal-these-may = ; these may: { $names }
refusal-policy-unreadable = The rules of { $repository } can't be read, so that nothing of it goes out{ $detail }.
refusal-github-refused = GitHub refused to make the deployment{ $detail }.
refusal-unknown = A rule that I do not know refused { $commit } of { $repository }{ $detail }.

## Why GitHub refused to make a deployment: a clause to be read after a colon

objection-merged = it merged the default branch first and made no deployment
objection-not-accepted = it does not accept deploybot. Whoever runs deploybot has to see to its token or its App
objection-not-permitted = deploybot may not create deployments in { $repository }. Whoever runs deploybot has to give it write access to Deployments there
objection-hidden = it does not show { $repository } to deploybot for writing. Whoever runs deploybot has to give it write access to Deployments there
objection-checks = required checks of { $commit } have not passed
objection-merge-conflict = the default branch can't be merged into { $commit }
objection-conflict = something stands in the way there. Whoever runs deploybot finds GitHub's reason in its log
objection-commit-gone = it does not find commit { $commit } any more, which a force-push may have removed. Deploy another commit
objection-invalid = it calls it invalid. Whoever runs deploybot finds GitHub's reason in its log
objection-invalid-fields = it calls it invalid ({ $names }). Whoever runs deploybot finds GitHub's reason in its log
objection-moved = { $repository } has moved on GitHub. Use its new name
objection-status = it answered with status { $status }. Whoever runs deploybot finds GitHub's reason in its log

## Why a repository's own rules can't be read: a clause to be read after a colon

policy-at = `.github/deploy.yml`, line { $line }, column { $column }: { $why }
policy-whole = `.github/deploy.yml`: { $why }
policy-folder = it is a folder, not a file
policy-too-long = it is longer than { $most } KiB
policy-not-text = it is not text in UTF-8
policy-syntax = it is not YAML ({ $words })
policy-several-documents = a second YAML document begins here
policy-anchor = anchors and aliases (`&amp;`, `*`) are not read
policy-tag = tags (`!`) are not read
policy-too-deep = it is nested too deep
policy-key-not-text = a key has to be text
policy-twice = { $key } stands here twice
policy-unknown-key = there is no key { $key }, known is { $known }
policy-file-without-keys = the file takes keys with values
policy-environments-without-keys = `environments` takes keys with values
policy-environment-without-keys = an environment takes keys with values
policy-bad-environment = { $name } can't be an environment
policy-no-channel = `channel` takes the id of one channel
policy-bad-channel = { $text } is no channel id: that is like `C0123456789`, and Slack shows it at the end of “View channel details”

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
rule-live-changed = Something else has gone live there since the button or the dialog told what is live
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
way-out-live-changed = { $line } tells how things are now; if you still want it, ask for the commit that you want by its SHA.
way-out-not-promoted = Deploy it there first, then here.
way-out-not-permitted = Ask someone who may.
way-out-approval-needed = Ask one of those who may approve.
way-out-policy-unreadable = Put `.github/deploy.yml` right on the default branch, then ask again.
way-out-github-refused = Show this to whoever looks after the repository on GitHub.
way-out-unknown = Ask whoever runs deploybot to bring it up to date.

## What could not be asked

error-invalid = ❓ { $sentences } { $line } tells how.
error-no-owner = ❓ { $repository } says no owner, and none is set for names without one: write it as `owner/name`.
error-too-many-of-channel = ❓ This channel follows { $most } environments already, which is the most: end one of them first. What it follows: { $line }
error-too-many-of-environment = ❓ { $most } channels follow this environment already, which is the most: one of them has to end that first.
error-unreachable = The deploy service does not answer.
error-timed-out = There was no answer in time: the deploy service is slow, or GitHub behind it.
error-unauthenticated = I am not allowed to ask the deploy service: whoever runs deploybot has to set its token.
error-internal = Something is broken in the deploy service, and its log says what: tell whoever runs deploybot.
error-nothing-changed = Nothing was changed.
error-in-a-minute = in a minute
error-in = in { $duration }
error-ask-again = Ask again { $when }.
error-open-again = Close this and open it again { $when }.
error-refresh = Press Refresh { $when }.
error-press-again = Press Deploy again { $when }.
error-press-again-now = Press Deploy again: the same request is never carried out twice.

## Words that are no command

misunderstood-unknown = I do not know { $word }.
misunderstood-no-command = There is no command { $word }.
misunderstood-all-commands = I know { $commands }; { $line } tells more.
misunderstood-several = I take one command in a message. Write them one by one: { $lines }.
misunderstood-roll-back = To roll back, deploy the earlier commit: { $line }. { $history } lists what was deployed.
misunderstood-no = I take { $word } for a no: nothing was deployed. A deploy that waits is cancelled by the button Cancel on its message.
misunderstood-words-before = I can't tell what { $words } before the mention changes, so nothing was done. Did you mean { $line }?
misunderstood-sign = I take { $sign } for a no, so nothing was done. If you want it all the same: { $line }
misunderstood-struck-out = Part of that seems to be struck out, so nothing was done. If you want what is left: { $line }
misunderstood-greeting = Hello! { $line } tells what I can do.
misunderstood-thanks = You're welcome.
misunderstood-only-no = Nothing was asked for, and nothing was changed. A deploy that waits is cancelled by the button Cancel on its message. { $line } tells what I can do.
misunderstood-all-struck-out = All of that seems to be struck out, so nothing was done. { $line } tells what I can do.
misunderstood-cancel = A deploy that waits is cancelled by the button Cancel on its message; here nothing was changed. What has gone out is taken back by deploying the earlier commit: { $line } lists them.
misunderstood-retry = A deploy that failed is tried again by the button Retry on its message; here nothing was changed. Without that button, ask for it anew: { $line }
misunderstood-only-for-yourself = { $command } is about whoever says it: nobody can say it for another. For yourself: { $line }
misunderstood-mention-is-no-login = Whom you mention is somebody in Slack, and I need a GitHub login. For example: { $example }
misunderstood-two-environments = { $first } and { $second } are two environments, and a deploy goes to one: { $lines }.
misunderstood-only-a-name = I do not know { $name }. If it is a repository, did you mean { $line }?
misunderstood-pull-request = { $pull } is a pull request, and I deploy commits: write the SHA of its merge commit. { $line } lists the newest.
misunderstood-two-commits = { $first } and { $second } are two commits, and one goes out at a time: { $lines }.
misunderstood-commit-of-another = The link is to a commit of { $linked }, not of { $repository }. Did you mean { $line }?
misunderstood-missing = { $command } needs { $missing }. For example: { $example }
misunderstood-a-repository = a repository
misunderstood-an-environment = an environment
misunderstood-a-commit = a commit
misunderstood-a-login = a GitHub login
misunderstood-more-words = more words
misunderstood-what-is-followed = What this channel follows: { $line }
misunderstood-where-to-look = { $line } lists its commits and environments.
misunderstood-extra = I do not know what { $words } means in { $usage }. Without it: { $example }
misunderstood-extra-limit = I do not know what { $words } means in { $usage }, whose limit is a whole number from 1 to { $most }. Without it: { $example }
misunderstood-all-is-unnamed = Nothing was changed. To end all that this channel follows of the repository, leave the environment out: { $line }
misunderstood-bad-repository = { $word } can't be a repository: that is `name` or `owner/name`, of letters, digits, `-`, `_` and `.`, such as `people`.
misunderstood-long-environment = { $word } can't be an environment: it is longer than { $most } characters. { $line } lists what there is.
misunderstood-unseen-environment = { $word } can't be an environment: it has characters that can't be seen. { $line } lists what there is.
misunderstood-not-hex = { $word } is not a commit: I deploy by SHA alone, which is made of the digits 0 to 9 and a to f. { $line } lists the newest commits.
misunderstood-short-commit = { $word } is too short for a commit: write at least { $least } digits of its SHA. { $line } lists the newest commits.
misunderstood-long-commit = { $word } is too long for a commit: a whole SHA has { $most } digits. { $line } lists the newest commits.
misunderstood-bad-limit = { $word } can't be the limit: that is a whole number from 1 to { $most }. For example: { $example }
misunderstood-no-limit = A number from 1 to { $most } is missing after `limit`. For example: { $example }
misunderstood-bad-login = { $word } can't be a GitHub account: that is one word of at most 39 letters, digits and single hyphens. Write it like this: { $usage }

## Short words beside the matter

notice-waiting = ⏳ { $why } I keep asking; there is no need to ask again.
notice-still-at-earlier = ⏳ I am still working on what you asked before this. This is next.
notice-taken = ✔ The deploy service has taken the request.
notice-given-up = ⚠️ { $why } I have asked for { $duration } and stopped now. When that is over, { $line } tells whether the commit went out; if not, ask again.
notice-pressed-before = You have pressed this button before, and what it asked for has ended. To ask once more: { $line }
notice-the-deploy = the deploy of *{ $repository }* { $commit } to { $environment }
notice-the-rollback = the rollback of *{ $repository }* to { $commit } in { $environment }
notice-withdrawn-already = { $who } has withdrawn { $what } already.
notice-too-late = Too late to withdraw { $what }: { $why }. See its message.
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
notice-guest = ✋ I change nothing for guests of this workspace: ask a full member.
notice-outdated = ✔ Something else was asked for after this, and that holds: nothing was changed.
notice-outdated-in-part = What was asked for after this holds.
notice-retry-outdated = ✋ { $live } has gone live in { $environment } of { $repository } since, so Retry did nothing. { $outcome } If you want that: { $line }
notice-rollback-outdated = ✋ { $live } has gone live in { $environment } of { $repository } since, so your rollback was not done. { $outcome } If you want that: { $line }
notice-would-bring = Deploying { $commit } would bring { $commits } since { $base }{ $compare }.
notice-would-take-away = Deploying { $commit } would take { $commits } away, back from { $base }{ $compare }.
notice-would-bring-and-take-away = Deploying { $commit } would bring { $commits } since { $base }, and take { $away } away{ $compare }.

## Who is who

people-code = 🔗 To show that { $login } on GitHub is you, enter the code { $code } on { $page } by { $at }. I ask GitHub once who you are and keep nothing but that. Only you can see this; give the code to nobody.
people-code-shown = ✔ I have shown a code to you alone: enter it on GitHub.
people-code-not-shown = ⚠️ I can't show you the code: Slack lets me write to you alone neither here nor directly. Say { $line } to me in a direct message.
people-code-sent = ✔ I have sent the code to you in a direct message: enter it on GitHub.
people-page = this page
people-linked = ✅ { $who } is { $login } on GitHub.
people-other-login = ❌ { $who }: GitHub says that you are { $proved }, not { $login }, so nothing is linked. If you are { $proved }: { $line }. If not, sign in to GitHub as { $login } and say { $again } again.
people-denied = ❌ { $who }: you cancelled on GitHub, so { $login } is not linked. To try again: { $line }
people-expired = ❌ { $who }: the code for { $login } is not valid any more, and GitHub has not confirmed the account, so nothing is linked. For a new code: { $line }
people-replaced = { $who }: the code for { $login } no longer counts: use the one that you asked for after it.
people-withdrawn = { $who }: the code for { $login } no longer counts: you have said `unlink` since.
people-lost = ❌ { $who }: GitHub's answer that would tell who you are was lost, so { $login } is not linked. To begin anew: { $line }
people-link-ended = ✔ The link that was under way is withdrawn, and its code no longer counts.
people-not-set-up = ❓ I can't ask GitHub who people are: whoever runs deploybot has to set up a GitHub App for that (`DEPLOY_GITHUB_CLIENT_ID`), or can name your account in a table (`DEPLOYBOT_PEOPLE_FILE`).
people-unlinked = ✔ I no longer know you as { $login } on GitHub.
people-nothing-to-unlink = You have not linked a GitHub account, so there is nothing to forget. To link one: { $line }
people-muted = 🔕 I will not mention you when your commits are live. To be mentioned again: { $line }
people-unmuted = 🔔 I will mention you when your commits are live.
people-given-up = ⚠️ { $why } I have asked for { $duration } and stopped now. When that is over, say { $line } again.
people-commits-live = 🎉 Live in { $environment }: { $repository } { $commit }, with commits by { $who }

## What Slack does not take, or not there

undelivered-plain = ⚠️ Slack does not take this as I have written it; whoever runs deploybot finds the reason in its log.
undelivered-elsewhere = I can't write in { $channel }, so I tell you here: invite me there, or ask whoever looks after it.

## The home tab

home-refresh = Refresh
home-own = *What runs where* in the repositories that you have deployed lately
home-everybodys = *What runs where* in the repositories that the team has deployed lately. You have deployed none in the last 90 days; once you do, yours are here.
home-gone = ⚠️ { $repository } can't be read now: it may have been renamed or deleted, or I may not see it any more. If so, tell whoever runs deploybot.
home-unreadable = ⚠️ { $repository } can't be read now. If it stays so, tell whoever runs deploybot.
home-later = What runs in { $repository } is not known now. Press Refresh when GitHub can be asked again.
home-nothing-yet = 👋 *Nothing has been deployed through me lately.* What you deploy will be shown here. To begin, write in a channel that I am in:
home-first-look = • { $line } tells what runs where
home-first-deploy = • { $line } brings a commit out
home-more = { $line } tells all that I can do.
home-guest = ✋ This page is for full members of the workspace. In a channel that we are both in, { $line } tells what runs where.
home-nobody-known = ⚠️ Slack does not tell me now who you are, so I show nothing here. Press Refresh in a minute.

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
dialog-ready = ✅ Ready for { $environment }: { $checks }
dialog-may-not = It may not go to { $environment } now:
dialog-not-shown-yet = What would go to { $environment } is only being looked up: what comes of it is shown below.
dialog-changed-meanwhile = { $live } went live in { $environment } meanwhile, so what would go out has changed. Look at it below.

## An answer that GitHub could not renew

stale-limit = GitHub's limit of calls is used up
stale-app = GitHub does not accept deploybot's GitHub App
stale-away = GitHub does not answer
stale-banner = ⚠️ *{ $why }*.
stale-banner-until = ⚠️ *{ $why }* until { $at }.
stale-this-is = This is { $age }.
stale-this-is-partial = This is what deploybot knows, and may not be all: { $age }.
stale-this-is-known = This is what deploybot knows, and may not be all.
stale-as-of = as of { $at }, { $age }
stale-followed = What deploybot has followed since is as of { $at }.
stale-missing = What went out to { $environments } is not known until GitHub can be asked again.
stale-said-last = what it said last
stale-before = ⚠️ { $why }; { $age }.

## help

help-all = I deploy commits of GitHub repositories and tell what runs where. Mention me with a command:
help-all-directly = I deploy commits of GitHub repositories and tell what runs where. Write me a command:
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
help-link-summary = links your GitHub account, so that you are mentioned when your commits are live
help-link-details =
    You get a code that only you see, and enter it on GitHub, which asks you to confirm; it is asked once who you are, and nothing else is kept.
    Whoever runs deploybot may know your account already, and your e-mail address tells it too where it is the same on GitHub and in Slack.
help-link-examples =
    a code for that account
    the same by the address of its page
help-unlink-summary = forgets which GitHub account you linked
help-unlink-details = What whoever runs deploybot has set, and your e-mail address, still tell it; `mute` turns mentions off.
help-unlink-examples = nothing is linked any more
help-mute-summary = keeps you from being mentioned when your commits are live
help-mute-details = That a deploy of yours failed you are told all the same.
help-mute-examples = no such mentions any more
help-unmute-summary = has you mentioned again when your commits are live
help-unmute-details = It is so unless you say `mute`.
help-unmute-examples = mentions again
help-subscribe-summary = tells in this channel of deployments that are not asked for in it
help-subscribe-details =
    Without an environment it is production; without more words it tells how they end: `live` and `failed`.
    `started` tells when one begins, `ends` is `live` and `failed`, and `all` is all three.
    What the channel followed of that environment before is replaced.
    Deployments that others make on GitHub, by hand or by another tool, are told of too.
help-subscribe-examples =
    how deployments to production end
    those to staging that fail
    those to production from beginning to end
help-unsubscribe-summary = ends what a channel follows
help-unsubscribe-details =
    Without an environment it is all of the repository.
    A channel that the repository's `.github/deploy.yml` names goes on until it is changed there.
help-unsubscribe-examples =
    staging alone
    all of it
help-subscriptions-summary = lists what this channel follows
help-subscriptions-details = It says who asked for it, or that the repository's own file does.
help-subscriptions-examples = what is told here
help-help-summary = shows all commands, or one in full
help-help-details = To mention the bot and say nothing does the same, and `--help` behind a command shows that one.
help-help-examples =
    all commands
    all about deploy
