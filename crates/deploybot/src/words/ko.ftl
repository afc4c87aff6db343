# 봇이 하는 말, 한국어. 문법은 Fluent: https://projectfluent.org
#
# 문장은 모두 해요체로 쓴다. 이름의 받침은 알 수 없으므로 변수 바로 뒤에 조사를
# 붙이지 않고, `커밋`, `환경`, `저장소`, `님` 같은 말을 띄어 쓴 다음 거기에 붙인다.
# 그래야 Slack의 굵은 글씨와 코드 표시도 깨지지 않는다. 숫자 변수 뒤에는 `개`,
# `분`처럼 단위만 붙인다.

## Words that many messages share

text-no-message = _메시지 없음_
text-someone = 알 수 없는 사용자
text-told-to = { $who } 님, { $told }
text-asked-by = 요청: { $who }
text-nothing-changed = 변경 없음
text-commits = 커밋 { $number }개
text-and-more = { $shown } 외 { $number }개
text-and = { $first } 및 { $last }
text-or = { $one } 또는 { $other }
text-then = { $first }, 그다음 { $next }
text-did-you-mean = 혹시 { $candidates } 인가요?
text-nothing-deployed = 아직 배포한 적 없음
text-log = 로그
text-open = 열기
text-compare = 비교
text-github-says = GitHub 안내: “{ $words }”.
# 배포 서비스가 영어로 하는 말.
text-service-says = 배포 서비스 안내: “{ $words }”
text-next-try = 다음 시도는 { $at } 예정이에요.
text-next-try-soon = GitHub에는 1분 안에 다시 물어봐요.

## Times; Slack shows what stands between <!date^ and > in each reader's zone

time-date = <!date^{ $second }^{"{"}date_short_pretty{"}"} {"{"}time{"}"}|{ $day } { $time }(UTC)>
time-clock = <!date^{ $second }^{"{"}time{"}"}|{ $time }(UTC)>
time-as-of = { $at } 기준
time-just-now = 방금
time-minutes-ago = { $minutes }분 전
time-hours-ago = { $hours }시간 전
time-yesterday = 어제
time-days-ago = { $days }일 전
time-seconds = { $seconds }초
time-minutes = { $minutes }분
time-minutes-and-seconds = { $minutes }분 { $seconds }초
time-hours = { $hours }시간
time-hours-and-minutes = { $hours }시간 { $minutes }분

## status

status-checks-unreadable = 체크를 읽을 수 없음
status-checks-none = 체크 없음
status-checks-pending = 체크 진행 중({ $total }개 중 { $done }개 완료)
status-checks-passed = 체크 통과
status-checks-failed = 체크 실패
status-checks-failed-named = 체크 실패: { $names }
status-no-commits = 아직 커밋 없음
status-commits-unknown = 커밋은 지금 알 수 없음
status-newest = 최신 커밋 { $number }개
status-and-more = 외 { $number }개
status-deploy = 배포…
status-deploy-spoken = { $commit } 배포…
status-no-environment = { $repository } 저장소에는 아직 환경이 없어요. 환경은 GitHub의 저장소 설정에서 만들어요.
status-more-environments = … 외 환경 { $number }개
status-unknown = { $repository } 저장소에 무엇이 배포됐는지 지금은 알 수 없어요.
status-not-on-branch = { $environment } 환경은 { $branch } 브랜치에 없는 커밋이에요
status-up-to-date = { $environment } 환경은 최신이에요
status-behind = { $environment } 환경은 { $branch } 브랜치보다 { $commits } 뒤에 있어요
status-since = { $at } 이후
status-going-out = 🚀 { $commit } 배포 중
status-waits = ⏸ { $commit } · { $environment } 환경에 배포 대기 중
status-more-may-wait = … 대기 중인 요청이 더 있을 수 있어요
status-running-for = { $duration } 경과
status-older-hint = 버튼은 최신 커밋 { $number }개 옆에만 있어요. 더 오래된 커밋을 배포하려면: { $line }
status-newest-is = 최신 커밋 { $commit } { $headline }

## history

history-deployments = 배포 이력
history-no-environment = 아직 환경이 없어요. 환경은 GitHub의 저장소 설정에서 만들어요.
history-none-lately = 최근 배포 중에는 없어요: { $line }
history-rollback = 롤백
history-rollback-after = { $commit } 다음 롤백
history-live = *현재 버전*
history-pending = 시작 대기 중
history-pending-for = 시작 대기 중 { $duration }
history-running = 진행 중
history-running-for = 진행 중 { $duration }
history-succeeded = 성공
history-succeeded-in = { $duration } 만에 성공
history-failed = 실패
history-failed-after = { $duration } 만에 실패
history-cancelled = 취소됨
history-cancelled-after = { $duration } 만에 취소됨
history-unknown = GitHub에서 알 수 없는 상태를 보냄
history-older-most = … 더 오래된 배포도 있어요. 한 번에 { $most }개까지만 보여 드려요.
history-older = … 더 오래된 배포 보기: { $line }
history-others = … 그 밖에 { $names }. 그중 하나만 보기: { $line }
history-summary-no-environment = 아직 환경 없음
history-summary-nothing-lately = 최근 배포 없음
history-summary-live = { $commit } 현재 버전
history-summary-going-out = { $commit } 배포 중
history-summary-succeeded = { $commit } 성공
history-summary-failed = { $commit } 실패
history-summary-cancelled = { $commit } 취소됨
history-summary-unknown = { $commit } 알 수 없는 상태

## The message that shows a request

request-deploys = 🚀 { $who } 님이 *{ $repository }* { $commit } 커밋을 { $environment } 환경에 배포해요
request-rolls-back = ↩️ { $who } 님이 { $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로 롤백해요
request-accepted = ✔ 접수
request-looking = ✔ 접수  ▸ 커밋과 체크 확인 중
request-asking-github = ✔ 접수  ▸ GitHub에 배포 요청 중
request-waiting-for-workflow = 워크플로 시작 대기 중
request-step-queued = 대기열에 있음
request-step-pending = 대기 중
request-step-waiting = 승인 대기 중
request-step-in-progress = 실행 중
request-step-success = 성공
request-step-failure = 실패
request-step-error = 오류
request-step-inactive = 비활성
request-step-ended = deploybot이 끝냄
request-nothing-before = 이전에 배포된 커밋 없음
request-same = 새 커밋 없음: { $base } 커밋이 배포된 그대로임
request-since = { $base } 이후 { $commits }{ $compare }
request-takes-away = { $base } 기준 { $commits } 되돌림{ $compare }
request-took-away = { $base } 기준 { $commits } 되돌림
request-since-and-takes-away = { $base } 이후 { $commits } 추가, { $away } 되돌림{ $compare }
request-since-and-took-away = { $base } 이후 { $commits } 추가, { $away } 되돌림
request-live = ✅ *{ $repository }* { $commit } 커밋을 { $environment } 환경에 배포했어요
request-back = ✅ { $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로 되돌렸어요
request-may-not = *{ $repository }* { $commit } 커밋은 { $environment } 환경에 배포할 수 없어요
request-retry = 다시 시도
request-retry-spoken = { $commit } 다시 시도
commits-more = … 외 { $number }개

## A request that waits

waiting-accepted = ✔ 접수  ⏸ 대기 중
waiting-accepted-at = ✔ { $at } 접수  ⏸ 대기 중
waiting-github-away = GitHub가 응답하지 않아요.
waiting-goes-out-when-passed = 문제가 풀렸을 때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요.
waiting-goes-out-when-back = GitHub가 돌아왔을 때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요.
waiting-goes-out-then = 그때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요.
waiting-goes-out-when-taken = GitHub가 다시 호출을 받을 때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요.
waiting-goes-out-behind = 같은 환경에 먼저 요청된 배포부터 진행해요. 그 배포가 시작되면 이 요청은 거부되니 그 배포가 끝난 뒤 다시 요청하세요. 시작되지 않으면 규칙을 다시 확인하고 자동으로 배포해요.
waiting-limit = GitHub 호출 한도를 다 썼어요.
waiting-limit-until = GitHub 호출 한도를 다 썼어요(재개 예정: { $at }).
waiting-create-limit = GitHub는 분당, 시간당 새 배포 수를 제한해요.
waiting-turn = 차례가 되면 자동으로 배포해요
waiting-next = 이 배포가 다음 차례예요
waiting-ahead = 앞선 배포 { $number }건이 끝나면 자동으로 배포해요
waiting-place = { $place }.
waiting-place-at = { $place }(예상 시각 { $at }).
waiting-answer-lost = GitHub에 배포를 요청했지만 응답이 없어서 이미 시작했을 수도 있어요.
waiting-looking = 계속 확인해서 결과를 여기에 알려 드릴게요.
waiting-unknown = 알 수 없는 이유로 아직 배포할 수 없어요. 가능해지면 자동으로 배포해요.
waiting-cancel = 취소
waiting-cancel-spoken = 배포 취소 { $commit }

## A deployment, in a channel that follows it

followed-goes-out = 🚀 *{ $repository }* { $commit } 커밋을 { $environment } 환경에 배포하고 있어요
followed-goes-back = ↩️ { $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로 롤백하고 있어요
followed-asked-in = { $channel } 채널에서 { $who } 님이 요청
followed-made-on-github = { $who } 님이 저를 거치지 않고 GitHub에서 직접 생성

## What a channel follows

subscriptions-from-now-on = 🔔 이제부터 *{ $repository }* 저장소의 { $environment } 배포를 여기에 알려요: { $moments }.
subscriptions-until-now = 지금까지의 설정: { $moments }.
subscriptions-others = 여기에서 요청한 배포는 따로 메시지가 있어요. 그만 알리려면 { $line }
subscriptions-ended = 🔕 이제 *{ $repository }* 저장소의 { $environments } 배포를 여기에 알리지 않아요.
subscriptions-newer = ✔ 이 뒤에 여기에서 쓴 다른 `subscribe` 명령이 유효해서 바뀐 것은 없어요.
subscriptions-ended-since = ✔ 이 뒤에 여기에서 `unsubscribe` 명령을 써서 이 요청은 취소됐어요. 바뀐 것은 없어요.
subscriptions-withdrawn = ✔ 아직 시작되지 않고 기다리던 요청을 취소했어요: { $lines }
subscriptions-nothing = ❓ 끝낼 것이 없어요. *{ $repository }* 저장소를 여기에 알리도록 한 사람이 없어요. { $line } 명령으로 무엇을 알리는지 볼 수 있어요.
subscriptions-nothing-of = ❓ 끝낼 것이 없어요. *{ $repository }* 저장소의 { $environment } 배포를 여기에 알리도록 한 사람이 없어요. { $line } 명령으로 무엇을 알리는지 볼 수 있어요.
subscriptions-kept = *{ $repository }* 저장소의 `.github/deploy.yml` 파일에 { $environments } 환경의 채널로 이 채널이 적혀 있어요. 그 파일을 바꾸기 전까지는 계속 알려요.
subscriptions-none = 여기에서 요청한 배포 말고는 여기에 알리지 않아요. 더 알리려면 { $line }
subscriptions-list = 🔔 여기에 알리는 배포:
subscriptions-one = • *{ $repository }* 저장소의 { $environment } 환경: { $moments }
subscriptions-by-file = `.github/deploy.yml` 파일에 적혀 있음
subscriptions-more = … 외 { $number }개
subscriptions-in-vain = ⚠️ { $channel } 채널에 배포를 알리라고 하셨지만 그 채널에 쓸 수 없어요. 저를 초대해 주세요: `/invite @deploybot` 더 알릴 필요가 없다면 초대한 다음 그 채널에서 `unsubscribe` 명령으로 끝내 주세요.
subscriptions-lost = ⚠️ { $channel } 채널에 *{ $repository }* 저장소의 { $environment } 배포를 알리라고 하셨지만, 그 채널이 보관되었거나 저에게 보이지 않아서 그만 알리기로 했어요. 계속 알리려면 제가 있는 채널에서 `subscribe` 명령을 써 주세요.
subscriptions-started = 시작할 때
subscriptions-live = 성공할 때
subscriptions-failed = 실패할 때

## A request that failed

failed-told = { $who } 님, { $what }
failed-did-not-reach = *{ $repository }* { $commit } 커밋을 { $environment } 환경에 배포하지 못했어요: { $why }
failed-workflow-silent = 워크플로가 이유를 알려 주지 않음
failed-not-made = 배포를 만들지 못함
failed-after = { $duration } 만에
failed-unknown-change = 무엇이 바뀌었는지 알 수 없어요. 현재 버전을 확인하려면: { $line }
failed-was-live = 그 전에는 { $commit } 커밋이 실행 중이었어요.
failed-still-live = 지금도 { $commit } 커밋이 실행 중이에요.
failed-nothing-before = 이 환경에는 이전에 배포된 커밋이 없어요.
failed-roll-back-to = { $commit } 커밋으로 롤백
failed-roll-back-title = 롤백할까요?
failed-roll-back-question = { $environment } 환경의 { $repository } 저장소를 { $commit } 커밋으로 되돌려요. 여느 배포와 같은 규칙을 거쳐요.
failed-roll-back-yes = 롤백
failed-roll-back-no = 그대로 두기

## What stands between the deploy service and GitHub

obstacle-not-answering-since = { $at } 이후로 GitHub가 응답하지 않아요.
obstacle-app-not-accepted = GitHub가 deploybot의 GitHub App을 받아들이지 않아요. 계속 그렇다면 deploybot 운영자가 App의 ID와 비공개 키를 확인해야 해요.
obstacle-token-not-accepted = GitHub가 deploybot의 토큰을 받아들이지 않아요. deploybot 운영자가 토큰을 갱신해야 해요.
obstacle-not-installed = { $owner } 계정에 deploybot의 GitHub App이 설치되어 있지 않아요. { $owner } 계정의 소유자가 설치해야 해요.
obstacle-hidden = GitHub에 없거나 deploybot이 볼 수 없어요. deploybot 운영자가 접근 권한을 확인해야 해요.
obstacle-refused = GitHub가 deploybot의 요청을 거부해요. deploybot 운영자가 접근 권한을 확인해야 해요. GitHub가 밝힌 이유는 로그에 있어요.
obstacle-not-set-up = deploybot의 GitHub 접근 설정이 잘못됐어요. deploybot 운영자가 고쳐야 해요.
obstacle-unreadable = GitHub의 응답을 이해하지 못했어요. 계속 그렇다면 deploybot 운영자가 로그에서 자세한 내용을 볼 수 있어요.
obstacle-journal = 배포 서비스의 데이터베이스가 응답하지 않아요.

## Why something failed: a clause to be read after a colon, and sentences that
## follow it

failure-no-reason = 워크플로가 이유를 알리지 않고 실패했어요. 로그를 확인하세요
failure-inactive = 성공하기 전에 비활성 상태가 되어 취소됐어요
failure-not-picked-up = { $duration } 안에 아무도 배포를 시작하지 않았어요
failure-not-picked-up-cause = 이 커밋에 `deployment` 이벤트로 실행되는 워크플로가 없거나, 비어 있는 러너가 없거나, 저장소의 GitHub Actions가 꺼져 있을 가능성이 커요. 러너가 뒤늦게 시작하지 않는 한 배포된 것은 없어요.
failure-silent = 워크플로가 { $duration } 동안 아무것도 알리지 않았어요
failure-silent-cause = 워크플로가 취소됐거나, 러너가 사라졌거나, 워크플로가 진행 상황을 알리지 않을 가능성이 커요. 어디까지 진행됐는지 알 수 없으니 현재 버전을 확인한 다음 다시 배포하세요.
failure-not-let-go = { $duration } 안에 아무도 진행을 승인하지 않았어요
failure-not-let-go-cause = 환경이 검토자의 승인을, 또는 규칙에 정해 둔 시간을 기다려요. 기다리던 커밋은 배포되지 않았어요.
failure-not-ended = deploybot이 이 배포를 끝내는 것을 GitHub가 허용하지 않아요. { $why }
failure-unreadable = deploybot이 { $duration } 동안 GitHub에서 이 배포를 읽지 못했어요
failure-end-unknown = 어떻게 끝났는지 알 수 없으니 현재 버전을 확인한 다음 다시 배포하세요.
failure-deleted = 누군가 GitHub에서 이 배포를 삭제했어요
failure-defect = deploybot에 문제가 생겼어요. 자세한 내용은 로그에 있어요
failure-nothing-deployed = 배포된 것은 없어요.
failure-perhaps-made = GitHub가 배포를 만들었는지 알 수 없으니 배포 이력을 확인한 다음 다시 요청하세요.
failure-made-unknown = GitHub가 배포를 만들었는지 알 수 없어요
failure-look-at-history = 배포 이력을 확인한 다음 다시 요청하세요.
failure-waited = { $at } 요청 이후로 배포할 수 없었어요
failure-waits-at-most = 요청은 최대 { $duration } 동안만 대기해요. 아직 필요하다면 다시 요청하세요.
failure-down = { $at } 이후로 배포 서비스가 멈춰 있었어요
failure-asked-at = 요청 시각: { $at }. 아직 필요하다면 다시 요청하세요.

## A request that was withdrawn

cancelled-deploy = ✋ { $by } 님이 *{ $repository }* { $commit } 커밋의 { $environment } 배포를 시작하기 전에 취소했어요
cancelled-rollback = ✋ { $by } 님이 { $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로 되돌리는 롤백을 시작하기 전에 취소했어요
cancelled-your-deploy = ✋ { $who } 님, 요청하신 *{ $repository }* { $commit } 커밋의 { $environment } 배포를 { $by } 님이 취소했어요. 시작하기 전이라 바뀐 것은 없어요.
cancelled-your-rollback = ✋ { $who } 님, 요청하신 롤백({ $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로)을 { $by } 님이 취소했어요. 시작하기 전이라 바뀐 것은 없어요.

## A request that was refused

refused-what = *{ $repository }* { $commit } 커밋, { $environment } 환경
refused-your-deploy = { $who } 님, 기다리던 *{ $repository }* { $commit } 커밋의 { $environment } 배포가 거부됐어요. 바뀐 것은 없어요.
refused-your-rollback = { $who } 님, 기다리던 롤백({ $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로)이 거부됐어요. 바뀐 것은 없어요.

## Refusals: what they say. `detail` is empty, or a colon and a sentence.

refusal-unknown-repository = 제가 볼 수 있는 저장소 중에 { $repository } 저장소는 없어요.
refusal-other-way-round = 저장소를 먼저, 환경을 나중에 써 주세요. 혹시 { $line } 인가요?
refusal-repository-first = 환경을 말한 것이라면 저장소를 먼저 써 주세요: { $line }.
refusal-unknown-environment = { $repository } 저장소에 { $environment } 환경은 없어요.
refusal-has-none = 아직 환경이 하나도 없어요.
refusal-has = 있는 환경: { $names }.
refusal-unknown-commit = { $repository } 저장소에 { $commit } 커밋은 없어요.
refusal-ambiguous = { $repository } 저장소에 { $commit } 값으로 시작하는 커밋이 여러 개예요:
refusal-not-sure = { $repository } 저장소에서 { $commit } 값은 커밋을 가려내기에 너무 짧아요:
refusal-not-on-branch = { $commit } 커밋은 { $environment } 환경에 배포할 수 있는 브랜치에 없어요{ $allowed }{ $detail }.
refusal-allowed = (허용: { $names })
refusal-checks-failed = { $commit } 커밋의 체크가 실패했어요{ $names }{ $detail }.
refusal-checks-pending = { $commit } 커밋의 체크가 아직 진행 중이에요{ $counted }.
refusal-checks-counted = ({ $total }개 중 { $done }개 완료)
refusal-checks-missing = { $commit } 커밋에는 체크가 없는데, 체크를 통과한 커밋만 배포할 수 있어요{ $detail }.
refusal-checks-unreadable = { $commit } 커밋의 체크를 전부 읽지 못했어요{ $detail }.
refusal-locked = { $repository } 저장소의 { $environment } 환경은 잠겨 있어요{ $detail }.
refusal-frozen = { $repository } 저장소의 { $environment } 환경은 지금 배포를 받지 않아요{ $detail }.
refusal-running = { $repository } 저장소의 { $environment } 환경에서 다른 배포가 진행 중이에요{ $detail }.
refusal-about-to-begin = { $repository } 저장소의 { $environment } 환경에서 다른 배포가 곧 시작돼요{ $detail }.
refusal-was-running = { $repository } 저장소의 { $environment } 환경에서 다른 배포가 진행 중이었어요{ $detail }.
refusal-was-about-to-begin = { $repository } 저장소의 { $environment } 환경에서 다른 배포가 곧 시작될 참이었어요{ $detail }.
refusal-running-for = { $duration } 경과
refusal-running-since = { $at } 시작
refusal-already-live = { $repository } 저장소의 { $environment } 환경에는 이미 { $commit } 커밋이 배포되어 있어요{ $detail }.
refusal-live-changed = 그사이 { $repository } 저장소의 { $environment } 환경에 { $live } 커밋이 배포돼서, 이 배포는 하지 않았어요.
refusal-something-else = 다른
refusal-live-since = ({ $at } 이후)
refusal-not-promoted = { $commit } 커밋은 아직 { $before } 환경을 거치지 않았어요. { $environment } 환경보다 먼저 거쳐야 해요{ $detail }.
refusal-the-environment = 앞선
refusal-not-permitted = { $repository } 저장소를 { $environment } 환경에 배포할 권한이 없어요{ $allowed }{ $detail }.
refusal-approval-needed = { $repository } 저장소를 { $environment } 환경에 배포하려면 다른 사람의 승인이 필요해요{ $allowed }{ $detail }.
refusal-these-may = (가능한 사람: { $names })
refusal-policy-unreadable = { $repository } 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요{ $detail }.
refusal-github-refused = GitHub가 배포를 만드는 것을 거부했어요{ $detail }.
refusal-unknown = 제가 모르는 규칙이 { $repository } 저장소의 { $commit } 커밋을 거부했어요{ $detail }.

## Why GitHub refused to make a deployment: a clause to be read after a colon

objection-merged = 기본 브랜치를 먼저 머지하고 배포는 만들지 않았어요
objection-not-accepted = GitHub가 deploybot을 받아들이지 않아요. deploybot 운영자가 토큰이나 App을 확인해야 해요
objection-not-permitted = deploybot에는 { $repository } 저장소에 배포를 만들 권한이 없어요. deploybot 운영자가 그 저장소의 Deployments 쓰기 권한을 줘야 해요
objection-hidden = deploybot에는 { $repository } 저장소에 쓸 권한이 없어요. deploybot 운영자가 그 저장소의 Deployments 쓰기 권한을 줘야 해요
objection-checks = { $commit } 커밋의 필수 체크가 통과하지 않았어요
objection-merge-conflict = 기본 브랜치를 { $commit } 커밋에 머지할 수 없어요
objection-conflict = GitHub에서 무언가가 배포를 막고 있어요. 이유는 deploybot 운영자가 로그에서 볼 수 있어요
objection-commit-gone = { $commit } 커밋을 더는 찾을 수 없어요. 강제 푸시로 사라졌을 수 있으니 다른 커밋을 배포하세요
objection-invalid = 요청이 올바르지 않다고 해요. 이유는 deploybot 운영자가 로그에서 볼 수 있어요
objection-invalid-fields = 요청이 올바르지 않다고 해요({ $names }). 이유는 deploybot 운영자가 로그에서 볼 수 있어요
objection-moved = GitHub에서 { $repository } 저장소의 이름이 바뀌었어요. 새 이름을 써 주세요
objection-status = 응답 상태 코드: { $status }. 이유는 deploybot 운영자가 로그에서 볼 수 있어요

## Why a repository's own rules can't be read: a clause to be read after a colon

policy-at = `.github/deploy.yml` 파일의 { $line }번째 줄 { $column }번째 칸: { $why }
policy-whole = `.github/deploy.yml` 파일: { $why }
policy-folder = 파일이 아니라 폴더예요
policy-too-long = { $most } KiB보다 길어요
policy-not-text = UTF-8 텍스트가 아니에요
policy-syntax = YAML 형식이 아니에요({ $words })
policy-several-documents = 여기서 두 번째 YAML 문서가 시작돼요
policy-anchor = 앵커와 별칭(`&amp;`, `*`)은 읽지 않아요
policy-tag = 태그(`!`)는 읽지 않아요
policy-too-deep = 너무 깊이 중첩되어 있어요
policy-key-not-text = 키는 텍스트여야 해요
policy-twice = { $key } 키가 여기에 두 번 나와요
policy-unknown-key = { $key } 키는 없어요. 쓸 수 있는 키: { $known }
policy-file-without-keys = 파일에는 키와 값을 써야 해요
policy-environments-without-keys = `environments` 아래에는 키와 값을 써야 해요
policy-environment-without-keys = 환경 아래에는 키와 값을 써야 해요
policy-bad-environment = { $name } 값은 환경 이름으로 쓸 수 없어요
policy-no-channel = `channel` 값으로는 채널 ID 하나를 써야 해요
policy-bad-channel = { $text } 값은 채널 ID가 아니에요. 채널 ID는 `C0123456789` 같은 형식이고, Slack의 “채널 세부정보 보기” 맨 아래에서 볼 수 있어요

## Refusals: the rule in short, for notifications and the manual

rule-unknown-repository = 그런 저장소가 없어요
rule-unknown-environment = 저장소에 그런 환경이 없어요
rule-unknown-commit = 저장소에 그런 커밋이 없어요
rule-ambiguous-commit = 그렇게 시작하는 커밋이 여러 개예요
rule-not-on-allowed-branch = 그 환경에 배포할 수 있는 브랜치의 커밋이 아니에요
rule-checks-failed = 커밋의 체크가 실패했어요
rule-checks-pending = 커밋의 체크가 아직 끝나지 않았어요
rule-checks-missing = 커밋에 체크가 없어요
rule-checks-unreadable = 체크를 전부 읽지 못했어요
rule-locked = 누군가 환경을 잠갔어요
rule-frozen = 환경이 지금 배포를 받지 않아요
rule-already-running = 다른 배포가 진행 중이에요
rule-already-live = 이미 배포된 커밋이에요
rule-live-changed = 버튼이나 대화 상자를 보신 뒤에 다른 커밋이 배포됐어요
rule-not-promoted = 앞선 환경을 거치지 않은 커밋이에요
rule-not-permitted = 배포할 권한이 없어요
rule-approval-needed = 다른 사람의 승인이 먼저 필요해요
rule-policy-unreadable = 저장소의 규칙을 읽을 수 없어요
rule-github-refused = GitHub가 배포를 만드는 것을 거부했어요

## Refusals: what to do next

way-out-unknown-repository = 저장소가 있다면 관리자가 저에게 접근 권한을 줘야 해요.
way-out-unknown-environment = 새 환경은 GitHub의 저장소 설정에서 만들어요.
way-out-unknown-commit = 최신 커밋을 보려면: { $line }.
way-out-ambiguous-commit = 원하는 커밋의 SHA를 더 길게 써 주세요.
way-out-not-on-allowed-branch = 먼저 머지한 다음 그 브랜치의 커밋을 배포하세요.
way-out-checks-failed = 고친 커밋을 배포하거나, 체크가 우연히 실패했다면 GitHub에서 다시 실행한 다음 다시 요청하세요.
way-out-checks-pending = 체크가 통과하면 다시 요청하세요. 확인하려면: { $line }.
way-out-checks-missing = 새 커밋이라면 1분 뒤에 다시 요청하세요. 아니라면 저장소에 푸시마다 체크하는 워크플로가 필요해요.
way-out-checks-unreadable = 읽을 수 없는 체크는 통과로 보지 않아요. 1분 뒤에 다시 요청하세요.
way-out-locked = 잠근 사람에게 물어보거나 잠금이 풀릴 때까지 기다리세요.
way-out-frozen = 배포 금지 기간이 끝나면 다시 요청하세요.
way-out-already-running = 그 배포가 끝나면 다시 요청하세요.
way-out-already-live = 더 할 일은 없어요. 다른 커밋을 보려면: { $line }.
way-out-live-changed = 지금 상태를 보려면: { $line }. 그래도 배포하려면 원하는 커밋의 SHA로 요청하세요.
way-out-not-promoted = 그 환경에 먼저 배포한 다음 여기에 배포하세요.
way-out-not-permitted = 권한이 있는 사람에게 부탁하세요.
way-out-approval-needed = 승인할 수 있는 사람에게 부탁하세요.
way-out-policy-unreadable = 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
way-out-github-refused = GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
way-out-unknown = deploybot 운영자에게 업데이트를 부탁하세요.

## What could not be asked

error-invalid = ❓ { $sentences } 사용법 보기: { $line }
error-no-owner = ❓ { $repository } 저장소에 소유자가 빠졌고, 기본 소유자도 정해져 있지 않아요. `owner/name` 형식으로 써 주세요.
error-too-many-of-channel = ❓ 이 채널에는 이미 환경 { $most }개의 배포를 알리고 있어서 더 알릴 수 없어요. 먼저 하나를 끝내 주세요. 지금 알리는 것을 보려면: { $line }
error-too-many-of-environment = ❓ 이미 채널 { $most }개에 이 환경의 배포를 알리고 있어서 더 알릴 수 없어요. 그중 한 채널에서 먼저 끝내야 해요.
error-unreachable = 배포 서비스가 응답하지 않아요.
error-timed-out = 제때 응답이 오지 않았어요. 배포 서비스나 그 뒤의 GitHub가 느려요.
error-unauthenticated = 배포 서비스에 요청할 권한이 없어요. deploybot 운영자가 토큰을 설정해야 해요.
error-internal = 배포 서비스에 문제가 있어요. 자세한 내용은 서비스 로그에 있으니 deploybot 운영자에게 알려 주세요.
error-nothing-changed = 바뀐 것은 없어요.
error-in-a-minute = 1분 뒤에
error-in = { $duration } 뒤에
error-ask-again = { $when } 다시 요청하세요.
error-open-again = 이 창을 닫고 { $when } 다시 여세요.
error-refresh = { $when } ‘새로 고침’을 눌러 주세요.
error-press-again = { $when } 배포 버튼을 다시 누르세요.
error-press-again-now = 배포 버튼을 다시 누르세요. 같은 요청이 두 번 실행되지는 않아요.

## Words that are no command

misunderstood-unknown = { $word } 명령은 몰라요.
misunderstood-no-command = { $word } 명령은 없어요.
misunderstood-all-commands = 제가 아는 명령: { $commands }. 자세한 설명은 { $line } 명령으로 볼 수 있어요.
misunderstood-several = 메시지 하나에 명령 하나만 받아요. 하나씩 써 주세요: { $lines }.
misunderstood-roll-back = 롤백하려면 이전 커밋을 배포하세요: { $line }. 배포 이력을 보려면: { $history }.
misunderstood-no = { $word } 부분을 하지 말라는 뜻으로 이해해서 아무것도 배포하지 않았어요. 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요.
misunderstood-words-before = 멘션 앞에 쓰신 { $words } 부분 때문에 뜻이 확실하지 않아서 아무것도 하지 않았어요. 혹시 { $line } 인가요?
misunderstood-sign = { $sign } 부분을 하지 말라는 뜻으로 이해해서 아무것도 하지 않았어요. 그래도 하려면: { $line }
misunderstood-struck-out = 취소선을 그은 부분이 있는 것 같아서 아무것도 하지 않았어요. 남은 대로 하려면: { $line }
misunderstood-greeting = 안녕하세요! 제가 할 수 있는 일을 보려면: { $line }
misunderstood-thanks = 천만에요.
misunderstood-only-no = 요청하신 것이 없어서 아무것도 바꾸지 않았어요. 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요. 제가 할 수 있는 일을 보려면: { $line }
misunderstood-all-struck-out = 모두 취소선을 그은 것 같아서 아무것도 하지 않았어요. 제가 할 수 있는 일을 보려면: { $line }
misunderstood-cancel = 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요. 지금은 아무것도 바꾸지 않았어요. 이미 나간 배포는 이전 커밋을 배포해서 되돌려요. 이전 커밋을 보려면: { $line }
misunderstood-retry = 실패한 배포는 그 메시지의 다시 시도 버튼으로 다시 시도해요. 지금은 아무것도 바꾸지 않았어요. 버튼이 없으면 새로 요청하세요: { $line }
misunderstood-only-for-yourself = { $command } 명령은 쓴 사람 자신에게만 적용돼요. 다른 사람 대신 쓸 수 없어요. 본인이라면: { $line }
misunderstood-mention-is-no-login = 멘션하신 사람은 Slack 사용자이고, 저는 GitHub 로그인이 필요해요. 예: { $example }
misunderstood-two-environments = { $first }, { $second } 환경을 둘 다 쓰셨는데, 한 번에 하나에만 배포해요: { $lines }.
misunderstood-only-a-name = { $name } 명령은 몰라요. 저장소라면 혹시 { $line } 인가요?
misunderstood-pull-request = { $pull } 값은 풀 리퀘스트인데, 저는 커밋을 배포해요. 머지 커밋의 SHA를 써 주세요. 최신 커밋을 보려면: { $line }.
misunderstood-two-commits = { $first }, { $second } 커밋을 둘 다 쓰셨는데, 한 번에 하나만 배포해요: { $lines }.
misunderstood-commit-of-another = 링크는 { $repository } 저장소가 아니라 { $linked } 저장소의 커밋이에요. 혹시 { $line } 인가요?
misunderstood-missing = { $command } 명령에 { $missing } 정보가 더 필요해요. 예: { $example }
misunderstood-a-repository = 저장소
misunderstood-an-environment = 환경
misunderstood-a-commit = 커밋
misunderstood-a-login = GitHub 로그인
misunderstood-more-words = 그 밖의
misunderstood-what-is-followed = 이 채널에 무엇을 알리는지 보려면: { $line }
misunderstood-where-to-look = 커밋과 환경을 보려면: { $line }.
misunderstood-extra = { $usage } 명령에서 { $words } 부분이 무슨 뜻인지 모르겠어요. 그 부분을 빼면: { $example }
misunderstood-extra-limit = { $usage } 명령에서 { $words } 부분이 무슨 뜻인지 모르겠어요. limit 값은 1부터 { $most }까지의 정수예요. 그 부분을 빼면: { $example }
misunderstood-all-is-unnamed = 아무것도 바꾸지 않았어요. 이 저장소의 모든 배포를 이 채널에 그만 알리려면 환경을 빼고 써 주세요: { $line }
misunderstood-bad-repository = { $word } 값은 저장소가 될 수 없어요. 저장소는 `name` 또는 `owner/name` 형식이고 영문자, 숫자, `-`, `_`, `.` 문자로 써요. 예: `people`.
misunderstood-long-environment = { $word } 값은 환경이 될 수 없어요. { $most }자보다 길어요. 있는 환경을 보려면: { $line }.
misunderstood-unseen-environment = { $word } 값은 환경이 될 수 없어요. 보이지 않는 문자가 있어요. 있는 환경을 보려면: { $line }.
misunderstood-not-hex = { $word } 값은 커밋이 아니에요. 저는 SHA로만 배포하는데, SHA는 0~9와 a~f로만 써요. 최신 커밋을 보려면: { $line }.
misunderstood-short-commit = { $word } 값은 커밋이라기에는 너무 짧아요. SHA를 { $least }자리 이상 써 주세요. 최신 커밋을 보려면: { $line }.
misunderstood-long-commit = { $word } 값은 커밋이라기에는 너무 길어요. 전체 SHA는 { $most }자리예요. 최신 커밋을 보려면: { $line }.
misunderstood-bad-limit = limit에 쓸 수 없는 값이에요: { $word }. 1부터 { $most }까지의 정수를 써 주세요. 예: { $example }
misunderstood-no-limit = `limit` 뒤에 1부터 { $most }까지의 숫자가 빠졌어요. 예: { $example }
misunderstood-bad-login = { $word } 값은 GitHub 계정이 될 수 없어요. 계정은 띄어쓰기 없이 영문자, 숫자, 홑 하이픈으로 39자까지예요. 이렇게 써 주세요: { $usage }

## Short words beside the matter

notice-waiting = ⏳ { $why } 계속 요청하고 있으니 다시 요청하지 않아도 돼요.
notice-still-at-earlier = ⏳ 먼저 하신 요청을 아직 처리하고 있어요. 이 요청은 그다음에 답할게요.
notice-taken = ✔ 배포 서비스가 요청을 받았어요.
notice-given-up = ⚠️ { $why } { $duration } 동안 요청하다가 이제 멈췄어요. 문제가 풀리면 { $line } 명령으로 커밋이 배포됐는지 확인하고, 안 됐다면 다시 요청하세요.
notice-pressed-before = 이미 누른 버튼이고, 그 요청은 끝났어요. 다시 요청하려면: { $line }
notice-the-deploy = *{ $repository }* { $commit } 커밋의 { $environment } 배포
notice-the-rollback = { $environment } 환경의 *{ $repository }* 저장소를 { $commit } 커밋으로 되돌리는 롤백
notice-withdrawn-already = { $who } 님이 { $what } 요청을 이미 취소했어요.
notice-too-late = { $what } 요청을 취소하기에는 늦었어요: { $why }. 지금 상태는 그 메시지에서 볼 수 있어요.
notice-not-stopped = 멈출 수 없었어요
notice-github-asked = 지금 GitHub에 배포를 요청하고 있어요
notice-going-out = 배포가 진행 중이에요
notice-live = { $environment } 환경에 이미 배포됐어요
notice-failed = { $environment } 환경에 배포하지 못하고 끝났어요
notice-refused = 규칙이 거부했어요
notice-nothing-to-cancel = ❓ 배포 서비스가 모르는 요청이라서 취소할 것이 없어요. 어디에 무엇이 배포됐는지 보려면: { $line }.
notice-perhaps-cancelled = ⚠️ { $why } 메시지가 아직 대기 중으로 보이면 취소 버튼을 다시 누르세요.
notice-nothing-chosen = 환경을 선택하세요.
notice-stranger = ✋ 다른 워크스페이스의 요청은 받지 않아요. 이 워크스페이스의 동료에게 부탁하세요.
notice-guest = ✋ 게스트의 요청으로는 아무것도 바꾸지 않아요. 이 워크스페이스의 정식 멤버에게 부탁하세요.
notice-outdated = ✔ 이보다 나중에 한 다른 요청이 유효해서 바뀐 것은 없어요.
notice-outdated-in-part = 이보다 나중에 한 요청은 그대로 유효해요.
notice-retry-outdated = ✋ 그사이 { $repository } 저장소의 { $environment } 환경에 { $live } 커밋이 배포돼서, ‘다시 시도’를 누르셨지만 아무것도 하지 않았어요. { $outcome } 그래도 배포하려면: { $line }
notice-rollback-outdated = ✋ 그사이 { $repository } 저장소의 { $environment } 환경에 { $live } 커밋이 배포돼서, 요청하신 롤백은 하지 않았어요. { $outcome } 그래도 배포하려면: { $line }
notice-would-bring = 지금 { $commit } 커밋을 배포한다면: { $base } 이후 { $commits } 추가{ $compare }.
notice-would-take-away = 지금 { $commit } 커밋을 배포한다면: { $base } 기준 { $commits } 되돌림{ $compare }.
notice-would-bring-and-take-away = 지금 { $commit } 커밋을 배포한다면: { $base } 이후 { $commits } 추가, { $away } 되돌림{ $compare }.

## Who is who

people-code = 🔗 GitHub의 { $login } 계정이 본인 것임을 확인해 주세요. { $page } · 코드: { $code } · 기한: { $at }. GitHub에 누구인지 한 번만 확인하고 그 밖에는 아무것도 남기지 않아요. 이 메시지는 본인에게만 보여요. 코드를 아무에게도 알려 주지 마세요.
people-code-shown = ✔ 본인에게만 보이는 코드를 보냈어요. GitHub에서 입력하세요.
people-code-not-shown = ⚠️ 코드를 보여 드릴 수 없어요. 여기에서도 다이렉트 메시지로도 본인에게만 보이는 메시지를 보낼 수 없어요. 저에게 다이렉트 메시지로 { $line } 명령을 써 주세요.
people-code-sent = ✔ 코드를 다이렉트 메시지로 보냈어요. GitHub에서 입력하세요.
people-page = 코드를 입력하는 페이지
people-linked = ✅ { $who } 님의 GitHub 계정으로 { $login } 계정을 연결했어요.
people-other-login = ❌ { $who } 님, GitHub에서는 { $login } 계정이 아니라 { $proved } 계정이라고 해서 아무것도 연결하지 않았어요. { $proved } 계정이 맞다면: { $line }. 아니라면 GitHub에 { $login } 계정으로 로그인한 뒤 { $again } 명령을 다시 쓰세요.
people-denied = ❌ { $who } 님, GitHub에서 취소하셔서 { $login } 계정을 연결하지 않았어요. 다시 하려면: { $line }
people-expired = ❌ { $who } 님, { $login } 계정의 코드가 더 이상 유효하지 않고 GitHub가 계정을 확인해 주지 않아서 아무것도 연결하지 않았어요. 새 코드를 받으려면: { $line }
people-replaced = { $who } 님, { $login } 계정의 코드는 이제 쓸 수 없어요. 나중에 받은 코드를 쓰세요.
people-withdrawn = { $who } 님, 그 뒤에 `unlink` 명령을 쓰셔서 { $login } 계정의 코드는 이제 쓸 수 없어요.
people-lost = ❌ { $who } 님, 누구인지 알려 주는 GitHub의 응답을 받지 못해서 { $login } 계정을 연결하지 않았어요. 처음부터 다시 하려면: { $line }
people-link-ended = ✔ 진행 중이던 계정 연결을 취소했어요. 그 코드는 이제 쓸 수 없어요.
people-not-set-up = ❓ 누가 누구인지 GitHub에 물어볼 수 없어요. deploybot 운영자가 GitHub App을 설정하거나(`DEPLOY_GITHUB_CLIENT_ID`), 계정을 표에 적어 줄 수 있어요(`DEPLOYBOT_PEOPLE_FILE`).
people-unlinked = ✔ GitHub의 { $login } 계정 연결을 지웠어요.
people-nothing-to-unlink = 연결한 GitHub 계정이 없어서 지울 것이 없어요. 연결하려면: { $line }
people-muted = 🔕 커밋이 배포돼도 멘션하지 않을게요. 다시 멘션을 받으려면: { $line }
people-unmuted = 🔔 커밋이 배포되면 멘션할게요.
people-given-up = ⚠️ { $why } { $duration } 동안 요청하다가 이제 멈췄어요. 문제가 풀리면 { $line } 명령을 다시 쓰세요.
people-commits-live = 🎉 { $environment } 환경에 배포됐어요: { $repository } { $commit } · 커밋 작성자: { $who }

## What Slack does not take, or not there

undelivered-plain = ⚠️ Slack이 이 메시지를 원래 형식으로 받지 않아요. 이유는 deploybot 운영자가 로그에서 볼 수 있어요.
undelivered-elsewhere = { $channel } 채널에 쓸 수 없어서 여기에 알려요. 그 채널에 저를 초대하거나 채널 관리자에게 부탁하세요.

## The home tab

home-refresh = 새로 고침
home-own = *지금 배포된 내용* · 최근에 배포하신 저장소
home-everybodys = *지금 배포된 내용* · 팀이 최근에 배포한 저장소예요. 지난 90일 동안 직접 배포하신 저장소가 없어서 모두의 것을 보여 드려요.
home-gone = ⚠️ { $repository } 저장소를 지금 읽을 수 없어요. 이름이 바뀌었거나 삭제되었거나, 제가 더 이상 볼 수 없는 저장소일 수 있어요. 그렇다면 deploybot 운영자에게 알려 주세요.
home-unreadable = ⚠️ { $repository } 저장소를 지금 읽을 수 없어요. 계속 그렇다면 deploybot 운영자에게 알려 주세요.
home-later = { $repository } 저장소에 무엇이 배포됐는지 지금은 알 수 없어요. GitHub에 다시 물어볼 수 있게 되면 ‘새로 고침’을 눌러 주세요.
home-nothing-yet = 👋 *최근에 저를 통해 배포된 것이 없어요.* 배포하시면 여기에 보여 드려요. 제가 들어가 있는 채널에 이렇게 써서 시작해 보세요:
home-first-look = • { $line }: 어디에 무엇이 배포되어 있는지 알려 드려요
home-first-deploy = • { $line }: 커밋을 배포해요
home-more = { $line }: 제가 할 수 있는 일을 모두 알려 드려요.
home-guest = ✋ 이 화면은 워크스페이스의 정식 멤버에게만 보여요. 저와 함께 있는 채널에서 { $line } 명령을 쓰면 어디에 무엇이 배포됐는지 알려 드려요.
home-nobody-known = ⚠️ 지금 Slack에서 누구신지 알 수 없어서 아무것도 보여 드리지 못해요. 1분쯤 뒤에 ‘새로 고침’을 눌러 주세요.

## The deploy dialog

dialog-title = 배포: { $repository }
dialog-submit = 배포
dialog-close = 닫기
dialog-environment = 환경
dialog-looking-up = ⏳ 환경을 찾는 중…
dialog-no-environment = { $repository } 저장소에는 아직 환경이 없어요.
dialog-left-out = 이 목록에 담지 못한 환경이 { $number }개 더 있어요. 그중 하나에 배포하려면: { $line }
dialog-runs = { $environment } (현재 { $commit })
dialog-nothing-deployed = { $environment } (아직 배포한 적 없음)
dialog-looking = ⏳ { $environment } 환경에 배포될 내용을 확인하는 중…
dialog-goes-out = 배포할 내용: { $difference }
dialog-goes-back = ⚠️ 이전으로 되돌아가요: { $difference }
dialog-ready = ✅ { $environment } 환경에 배포할 수 있어요: { $checks }
dialog-may-not = 지금은 { $environment } 환경에 배포할 수 없어요:
dialog-not-shown-yet = { $environment } 환경에 배포될 내용을 아직 확인하는 중이에요. 결과는 아래에 보여 드려요.
dialog-changed-meanwhile = 그사이 { $environment } 환경에 { $live } 커밋이 배포돼서 바뀔 내용이 달라졌어요. 아래에서 확인하세요.

## An answer that GitHub could not renew

stale-limit = GitHub 호출 한도를 다 썼어요
stale-app = GitHub가 deploybot의 GitHub App을 받아들이지 않아요
stale-away = GitHub가 응답하지 않아요
stale-banner = ⚠️ *{ $why }*.
stale-banner-until = ⚠️ *{ $why }* (재개 예정: { $at }).
stale-this-is = 아래 내용: { $age }.
stale-this-is-partial = 아래는 deploybot이 아는 내용이라 전부가 아닐 수 있어요: { $age }.
stale-this-is-known = 아래는 deploybot이 아는 내용이라 전부가 아닐 수 있어요.
stale-as-of = { $at } 기준, { $age }
stale-followed = 그 뒤로 deploybot이 지켜본 배포는 { $at } 기준이에요.
stale-missing = { $environments } 환경의 배포는 GitHub에 다시 물어볼 수 있을 때까지 알 수 없어요.
stale-said-last = GitHub가 마지막으로 알려 준 상태
stale-before = ⚠️ { $why }: { $age }.

## help

help-all = GitHub 저장소의 커밋을 배포하고, 어디에 무엇이 배포됐는지 알려 드려요. 저를 멘션하고 명령을 쓰세요:
help-all-directly = GitHub 저장소의 커밋을 배포하고, 어디에 무엇이 배포됐는지 알려 드려요. 저에게 명령을 쓰세요:
help-more = 명령 하나를 자세히 보려면: { $line } · `production` 대신 `prod` 라고 써도 돼요.
help-for-example = 예: { $line }
help-also = 이렇게 써도 돼요: { $aliases }

# 요약은 한 줄, 설명은 한 줄에 한 문장, 예는 명령의 예마다 한 줄.
help-status-summary = 최신 커밋과 체크, 그리고 어디에 무엇이 배포됐는지 보여 드려요
help-status-details =
    기본 브랜치의 커밋을 최신순으로 5개, 또는 말한 만큼 최대 50개까지 보여 드려요.
    그 아래에 환경마다 무엇이 배포됐고 커밋 몇 개가 뒤처졌는지 나와요.
    커밋 옆의 ‘배포…’ 버튼을 누르면 배포할 내용을 보여 주고, 실행하기 전에 물어봐요.
help-status-examples =
    최신 커밋 5개
    최신 커밋 20개
help-deploy-summary = 체크를 통과했다면 바로 그 커밋을 배포해요
help-deploy-details =
    커밋은 SHA 전체나 앞 4자리 이상, 또는 GitHub 주소로 써요. `status` 명령으로 목록을 볼 수 있어요.
    `to`, `of` 단어로 무엇이 무엇인지 알 수 있으면 순서는 자유예요.
    메시지 하나가 끝날 때까지 진행 상황을 보여 주고, 실패하면 새 메시지로 멘션해요.
    롤백하려면 이전 커밋을 배포하세요. `history` 명령으로 목록을 볼 수 있어요.
    GitHub가 응답하지 않으면 배포는 대기하고 그렇다고 알려 드려요. 시작하기 전에는 누구나 취소할 수 있어요.
help-deploy-examples =
    그 커밋을 배포해요
    같은 뜻의 다른 표현
    커밋 주소로 같은 일
help-history-summary = 무엇을 언제 누가 배포했고 어떻게 끝났는지 보여 드려요
help-history-details =
    환경마다 배포를 최신순으로 10개, 또는 말한 만큼 최대 50개까지 보여 드려요.
    롤백에는 어떤 커밋을 되돌렸는지 나와요.
help-history-examples =
    모든 환경
    production 환경만
    더 많이
help-link-summary = 커밋이 배포되면 멘션을 받도록 GitHub 계정을 연결해요
help-link-details =
    본인에게만 보이는 코드를 드리면 GitHub에서 입력하고 확인하세요. 누구인지 한 번만 확인하고 그 밖에는 아무것도 남기지 않아요.
    deploybot 운영자가 이미 계정을 적어 두었을 수도 있고, GitHub와 Slack의 이메일 주소가 같으면 그것으로도 알 수 있어요.
help-link-examples =
    그 계정의 코드
    계정 페이지 주소로 같은 일
help-unlink-summary = 연결한 GitHub 계정을 지워요
help-unlink-details = 운영자가 적어 둔 것과 이메일 주소로는 여전히 알 수 있어요. 멘션을 끄려면 `mute` 명령을 쓰세요.
help-unlink-examples = 더 이상 아무것도 연결돼 있지 않아요
help-mute-summary = 커밋이 배포돼도 멘션하지 않게 해요
help-mute-details = 요청한 배포가 실패하면 그래도 알려 드려요.
help-mute-examples = 그런 멘션을 더 받지 않아요
help-unmute-summary = 커밋이 배포되면 다시 멘션하게 해요
help-unmute-details = `mute` 명령을 쓰지 않았다면 원래 그래요.
help-unmute-examples = 다시 멘션을 받아요
help-subscribe-summary = 이 채널에서 요청하지 않은 배포도 이 채널에 알려요
help-subscribe-details =
    환경을 적지 않으면 `production` 환경이고, 다른 단어가 없으면 어떻게 끝났는지(`live`, `failed`) 알려요.
    `started` 단어는 시작할 때, `ends` 단어는 `live`, `failed` 두 가지를, `all` 단어는 셋 모두를 뜻해요.
    그 환경에 대해 채널이 전에 받아 보던 설정은 새 설정으로 바뀌어요.
    다른 사람이 GitHub에서 직접, 또는 다른 도구로 만든 배포도 알려요.
help-subscribe-examples =
    `production` 배포가 어떻게 끝나는지
    실패한 `staging` 배포만
    `production` 배포를 처음부터 끝까지
help-unsubscribe-summary = 채널에 배포를 알리는 것을 끝내요
help-unsubscribe-details =
    환경을 적지 않으면 저장소의 모든 환경이에요.
    저장소의 `.github/deploy.yml` 파일에 적힌 채널에는 그 파일을 바꾸기 전까지 계속 알려요.
help-unsubscribe-examples =
    `staging` 환경만
    모든 환경
help-subscriptions-summary = 이 채널에 무엇을 알리는지 보여 드려요
help-subscriptions-details = 누가 요청했는지, 또는 저장소의 파일에 적혀 있는지도 보여 드려요.
help-subscriptions-examples = 여기에 알리는 배포
help-help-summary = 모든 명령, 또는 명령 하나를 자세히 보여 드려요
help-help-details = 봇을 멘션만 해도 같은 답을 하고, 명령 뒤에 `--help` 를 붙이면 그 명령을 설명해요.
help-help-examples =
    모든 명령
    deploy 명령 자세히
