//! The messages of a request.

use deploy_proto::v1::{
    ChecksState, DeploymentState, Reason, Request, RequestState, Waiting, WaitingReason,
};

use crate::view::{
    fixtures::{
        self, KO, ago, checks, deployment, minjis_commit, now, person, refusal, rendered, step,
    },
    not_cancelled, request, request_cancelled, request_failure,
};

/// A request that has a deployment.
fn deployed(state: RequestState, deployed: DeploymentState) -> Request {
    let mut deployment = deployment(minjis_commit(), deployed, 63, Some(63));
    deployment.steps = vec![step("in_progress", "built"), step("in_progress", "")];
    Request {
        deployment: Some(deployment),
        ..fixtures::request(state)
    }
}

fn shown(asked: &Request) -> String {
    rendered(&request(KO, asked, now()))
}

#[test]
fn a_deploy_in_korean() {
    let stages = [
        fixtures::request(RequestState::Accepted),
        fixtures::request(RequestState::Creating),
        deployed(RequestState::Running, DeploymentState::Running),
        deployed(RequestState::Succeeded, DeploymentState::Succeeded),
    ];
    let shown = stages.map(|stage| shown(&stage));
    insta::assert_snapshot!(shown.join("\n"), @"
    (🚀 <@U1MINJI> 님이 *people* `a1b2c3d` 커밋을 *production* 환경에 배포해요)
    🚀 <@U1MINJI> 님이 *people* `a1b2c3d` 커밋을 *production* 환경에 배포해요
    ~ ✔ 접수  ▸ 커밋과 체크 확인 중
    (🚀 <@U1MINJI> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포해요
    Add Minji to the team page · `9f8e7d6` 이후 커밋 1개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>) · 체크 통과)
    🚀 <@U1MINJI> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포해요
    Add Minji to the team page · `9f8e7d6` 이후 커밋 1개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>) · 체크 통과
    ~ ✔ 접수  ▸ GitHub에 배포 요청 중
    (🚀 <@U1MINJI> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포해요
    Add Minji to the team page · `9f8e7d6` 이후 커밋 1개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>) · 체크 통과)
    🚀 <@U1MINJI> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포해요
    Add Minji to the team page · `9f8e7d6` 이후 커밋 1개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>) · 체크 통과
    ~ ✔ 접수  ✔ built  ▸ 실행 중 · 1분 03초 · <https://github.test/acme/people/actions/runs/7|로그>
    (✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포했어요 · 1분 03초 · 요청: <@U1MINJI> · <https://production.people.test/|열기> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교> · <https://github.test/acme/people/actions/runs/7|로그>)
    ✅ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포했어요 · 1분 03초 · 요청: <@U1MINJI> · <https://production.people.test/|열기> · <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교> · <https://github.test/acme/people/actions/runs/7|로그>
    Add Minji to the team page · `9f8e7d6` 이후 커밋 1개
    ");
}

#[test]
fn a_failure_in_korean() {
    let failed = Request {
        failure: "ImagePullBackOff in 3 of 3 pods.".to_owned(),
        ..deployed(RequestState::Failed, DeploymentState::Failed)
    };
    insta::assert_snapshot!(shown(&failed), @"
    (❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하지 못했어요: ImagePullBackOff in 3 of 3 pods · 1분 03초 만에 · 요청: <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|로그>)
    ❌ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하지 못했어요: ImagePullBackOff in 3 of 3 pods · 1분 03초 만에 · 요청: <@U1MINJI> · <https://github.test/acme/people/actions/runs/7|로그>
    Add Minji to the team page
    ");
    insta::assert_snapshot!(rendered(&request_failure(KO, &failed)), @"
    (❌ <@U1MINJI> 님, *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하지 못했어요: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|로그>
    Add Minji to the team page
    지금도 `9f8e7d6` 커밋이 실행 중이에요.)
    ❌ <@U1MINJI> 님, *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋을 *production* 환경에 배포하지 못했어요: ImagePullBackOff in 3 of 3 pods · <https://github.test/acme/people/actions/runs/7|로그>
    Add Minji to the team page
    지금도 `9f8e7d6` 커밋이 실행 중이에요.
    [다시 시도](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000) [9f8e7d6 커밋으로 롤백](roll_back repository=acme%2Fpeople&environment=production&commit=9f8e7d6000000000000000000000000000000000&kind=rollback&live=9f8e7d6000000000000000000000000000000000) ?롤백할까요?: *production* 환경의 *people* 저장소를 `9f8e7d6` 커밋으로 되돌려요. 여느 배포와 같은 규칙을 거쳐요. 롤백/그대로 두기
    ");
}

#[test]
fn refusals_in_korean() {
    let all = [
        refusal(Reason::UnknownRepository, &["poeple"], ""),
        refusal(Reason::UnknownEnvironment, &["staging"], ""),
        refusal(Reason::UnknownCommit, &[], ""),
        refusal(Reason::AmbiguousCommit, &["a1b2c3d0", "a1b2c3d1"], ""),
        refusal(Reason::NotOnAllowedBranch, &["main"], ""),
        refusal(Reason::ChecksFailed, &["lint", "test"], ""),
        refusal(Reason::ChecksMissing, &[], ""),
        refusal(Reason::Locked, &[], "by Joon until 15:00"),
        refusal(Reason::AlreadyLive, &[], ""),
        refusal(Reason::LiveChanged, &[], ""),
        refusal(Reason::NotPromoted, &["staging"], ""),
        refusal(Reason::NotPermitted, &["ops"], ""),
        refusal(Reason::PolicyUnreadable, &[], "line 3"),
        refusal(Reason::GithubRefused, &[], "Conflict"),
    ];
    let told = all.map(|one| {
        let refused = Request {
            refusals: vec![one],
            ..fixtures::request(RequestState::Refused)
        };
        request(KO, &refused, now()).text.to_string()
    });
    insta::assert_snapshot!(told.join("\n"), @"
    ❓ 제가 볼 수 있는 저장소 중에 `acme/people` 저장소는 없어요. 혹시 `poeple` 인가요?
    ❓ *people* 저장소에 `production` 환경은 없어요. 있는 환경: `staging`. 새 환경은 GitHub의 저장소 설정에서 만들어요.
    ❓ *people* 저장소에 `a1b2c3d00000` 커밋은 없어요. 최신 커밋을 보려면: `@deploybot status acme/people`.
    ❓ *people* 저장소에 `a1b2c3d` 값으로 시작하는 커밋이 여러 개예요: `a1b2c3d0`, `a1b2c3d1`. 원하는 커밋의 SHA를 더 길게 써 주세요.
    ⛔ *people*: `a1b2c3d` 커밋은 *production* 환경에 배포할 수 있는 브랜치에 없어요 (허용: `main`). 먼저 머지한 다음 그 브랜치의 커밋을 배포하세요.
    ❌ *people*: `a1b2c3d` 커밋의 체크가 실패했어요: `lint`, `test`. 고친 커밋을 배포하거나, 체크가 우연히 실패했다면 GitHub에서 다시 실행한 다음 다시 요청하세요.
    ⛔ *people*: `a1b2c3d` 커밋에는 체크가 없는데, 체크를 통과한 커밋만 배포할 수 있어요. 새 커밋이라면 1분 뒤에 다시 요청하세요. 아니라면 저장소에 푸시마다 체크하는 워크플로가 필요해요.
    🔒 *people* 저장소의 *production* 환경은 잠겨 있어요: by Joon until 15:00. 잠근 사람에게 물어보거나 잠금이 풀릴 때까지 기다리세요.
    ⛔ *people* 저장소의 *production* 환경에는 이미 `a1b2c3d` 커밋이 배포되어 있어요. 더 할 일은 없어요. 다른 커밋을 보려면: `@deploybot status acme/people`.
    ✋ 그사이 *people* 저장소의 *production* 환경에 다른 커밋이 배포돼서, 이 배포는 하지 않았어요. 지금 상태를 보려면: `@deploybot status acme/people`. 그래도 배포하려면 원하는 커밋의 SHA로 요청하세요.
    ⛔ *people*: `a1b2c3d` 커밋은 아직 *staging* 환경을 거치지 않았어요. *production* 환경보다 먼저 거쳐야 해요. 그 환경에 먼저 배포한 다음 여기에 배포하세요.
    ⛔ *people* 저장소를 *production* 환경에 배포할 권한이 없어요(가능한 사람: `ops`). 권한이 있는 사람에게 부탁하세요.
    ⛔ *people* 저장소의 규칙을 읽을 수 없어서 아무것도 배포하지 않아요: line 3. 기본 브랜치의 `.github/deploy.yml` 파일을 고친 다음 다시 요청하세요.
    ⛔ *people*: GitHub가 배포를 만드는 것을 거부했어요: Conflict. GitHub에서 이 저장소를 관리하는 사람에게 보여 주세요.
    ");
    let pending = Request {
        refusals: vec![
            refusal(Reason::ChecksPending, &[], "3 of 5"),
            refusal(Reason::Frozen, &[], ""),
        ],
        checks: checks(ChecksState::Pending, 3, 5, &[]),
        ..fixtures::request(RequestState::Refused)
    };
    insta::assert_snapshot!(shown(&pending), @"
    (⛔ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋은 *production* 환경에 배포할 수 없어요: 커밋의 체크가 아직 끝나지 않았어요 · 환경이 지금 배포를 받지 않아요)
    ⛔ *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋은 *production* 환경에 배포할 수 없어요:
    • `a1b2c3d` 커밋의 체크가 아직 진행 중이에요 (5개 중 3개 완료). 체크가 통과하면 다시 요청하세요. 확인하려면: `@deploybot status acme/people`.
    • *people* 저장소의 *production* 환경은 지금 배포를 받지 않아요. 배포 금지 기간이 끝나면 다시 요청하세요.
    ~ 요청: <@U1MINJI> · 변경 없음
    ");
}

#[test]
fn what_waits_in_korean() {
    use WaitingReason::{AnswerLost, CreateLimit, GithubUnavailable, RateLimit};
    let waits = |reason: WaitingReason, until: i64, ahead| Request {
        waiting: Some(Waiting {
            reason: reason.into(),
            until: ago(-until),
            ahead,
            ..Waiting::default()
        }),
        ..fixtures::request(RequestState::Accepted)
    };
    insta::assert_snapshot!(shown(&waits(GithubUnavailable, 30, None)), @"
    (🚀 <@U1MINJI> 님이 *people* `a1b2c3d` 커밋을 *production* 환경에 배포해요
    ⏸ GitHub가 응답하지 않아요. GitHub가 돌아왔을 때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요. 다음 시도는 <!date^1795356150^{time}|14:02(UTC)> 예정이에요.)
    🚀 <@U1MINJI> 님이 *people* `a1b2c3d` 커밋을 *production* 환경에 배포해요
    ⏸ GitHub가 응답하지 않아요. GitHub가 돌아왔을 때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요. 다음 시도는 <!date^1795356150^{time}|14:02(UTC)> 예정이에요.  [취소](cancel request=slack%3AT1%3AEv1&repository=acme%2Fpeople)
    ~ ✔ <!date^1795356099^{time}|14:01(UTC)> 접수  ⏸ 대기 중
    ");
    let others = [
        waits(RateLimit, 1800, None),
        waits(RateLimit, -1, None),
        waits(GithubUnavailable, -1, Some(1)),
        waits(CreateLimit, 60, Some(1)),
        waits(CreateLimit, -1, Some(0)),
        waits(CreateLimit, -1, None),
        waits(AnswerLost, -1, None),
    ];
    let told = others.map(|other| {
        let text = request(KO, &other, now()).text.to_string();
        text.lines().last().unwrap_or_default().to_owned()
    });
    insta::assert_snapshot!(told.join("\n"), @"
    ⏸ GitHub 호출 한도를 다 썼어요(재개 예정: <!date^1795357920^{time}|14:32(UTC)>). 그때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요.
    ⏸ GitHub 호출 한도를 다 썼어요. GitHub가 다시 호출을 받을 때 이 환경에 진행 중인 배포가 없으면 규칙을 다시 확인하고 자동으로 배포해요.
    ⏸ GitHub가 응답하지 않아요. 같은 환경에 먼저 요청된 배포부터 진행해요. 그 배포가 시작되면 이 요청은 거부되니 그 배포가 끝난 뒤 다시 요청하세요. 시작되지 않으면 규칙을 다시 확인하고 자동으로 배포해요.
    ⏸ GitHub는 분당, 시간당 새 배포 수를 제한해요. 앞선 배포 1건이 끝나면 자동으로 배포해요(예상 시각 <!date^1795356180^{time}|14:03(UTC)>).
    ⏸ GitHub는 분당, 시간당 새 배포 수를 제한해요. 이 배포가 다음 차례예요.
    ⏸ GitHub는 분당, 시간당 새 배포 수를 제한해요. 차례가 되면 자동으로 배포해요.
    ⏸ GitHub에 배포를 요청했지만 응답이 없어서 이미 시작했을 수도 있어요. 계속 확인해서 결과를 여기에 알려 드릴게요.
    ");
}

#[test]
fn what_was_withdrawn_in_korean() {
    let cancelled = Request {
        cancelled_by: person("U1JOON", "Joon"),
        ..fixtures::request(RequestState::Cancelled)
    };
    insta::assert_snapshot!(shown(&cancelled), @"
    (✋ <@U1JOON> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포를 시작하기 전에 취소했어요 · 요청: <@U1MINJI> · 변경 없음)
    ✋ <@U1JOON> 님이 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포를 시작하기 전에 취소했어요 · 요청: <@U1MINJI> · 변경 없음
    ");
    let told = request_cancelled(KO, &cancelled).expect("it was somebody else");
    insta::assert_snapshot!(rendered(&told), @"
    (✋ <@U1MINJI> 님, 요청하신 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포를 <@U1JOON> 님이 취소했어요. 시작하기 전이라 바뀐 것은 없어요.)
    ✋ <@U1MINJI> 님, 요청하신 *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포를 <@U1JOON> 님이 취소했어요. 시작하기 전이라 바뀐 것은 없어요.
    [다시 시도](retry repository=acme%2Fpeople&environment=production&commit=a1b2c3d000000000000000000000000000000000&kind=deploy&live=9f8e7d6000000000000000000000000000000000)
    ");
    let late = not_cancelled(KO, &fixtures::request(RequestState::Succeeded), "U1JOON");
    insta::assert_snapshot!(late.expect("it is too late").text, @"*people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 커밋의 *production* 배포 요청을 취소하기에는 늦었어요: *production* 환경에 이미 배포됐어요. 지금 상태는 그 메시지에서 볼 수 있어요.");
}
