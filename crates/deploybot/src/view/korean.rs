//! What the main views look like in Korean; what holds in every language is
//! tested beside each of them, in English.

mod requests;

use std::time::Duration;

use deploy_proto::v1::{
    ChecksState, DeploymentState, EnvironmentHistory, GetStatusResponse, ListHistoryResponse,
    PreviewDeploymentResponse, Reason, Stale, StaleReason,
};

use super::{
    Asked, CallError, Dialog, Hindrance, Most,
    action::DeployAction,
    call_error, call_error_in_field, deploy_dialog,
    fixtures::{
        KO, ago, asked, changes, checks, commit, commit_status, deployment, environment,
        joons_commit, minjis_commit, now, passed, refusal, rendered, rendered_modal, sha,
    },
    given_up, help, history, parse_error, said_elsewhere, status, taken, waiting,
};
use crate::command::{CommandName, CommitSha, RepositoryName, parse};

#[test]
fn status_in_korean() {
    let mut production = environment("production", Some((joons_commit(), Some(1))));
    production.running = Some(deployment(
        minjis_commit(),
        DeploymentState::Running,
        21,
        None,
    ));
    let apart = commit("fff0001", "A branch of its own", "bora", 60);
    let answer = GetStatusResponse {
        repository: "acme/people".to_owned(),
        branch: "main".to_owned(),
        commits: vec![
            commit_status(minjis_commit(), passed(), &["staging"]),
            commit_status(
                joons_commit(),
                checks(ChecksState::Failure, 3, 3, &["lint"]),
                &["production"],
            ),
            commit_status(
                commit("5c5c5c5", " ", "bora", 30 * 3600),
                checks(ChecksState::Pending, 3, 5, &[]),
                &[],
            ),
        ],
        environments: vec![
            production,
            environment("development", Some((apart, None))),
            environment("qa", None),
            environment("staging", Some((minjis_commit(), Some(0)))),
        ],
        as_of: ago(360),
        url: "https://github.test/acme/people".to_owned(),
        stale: Some(Stale {
            reason: StaleReason::RateLimit.into(),
            retry_at: ago(-1800),
            incident: "Incident with API Requests".to_owned(),
            ..Stale::default()
        }),
        waiting: Vec::new(),
    };
    insta::assert_snapshot!(rendered(&status(KO, &answer, &asked("acme/people"), now())), @"
    (⚠️ GitHub 호출 한도를 다 썼어요: <!date^1795355760^{time}|13:56(UTC)> 기준, 6분 전. *people*: 최신 커밋 `a1b2c3d` Add Minji to the team page · production 환경은 main 브랜치보다 커밋 1개 뒤에 있어요 · development 환경은 main 브랜치에 없는 커밋이에요 · qa: 아직 배포한 적 없음 · staging 환경은 최신이에요)
    ⚠️ *GitHub 호출 한도를 다 썼어요* (재개 예정: <!date^1795357920^{time}|14:32(UTC)>). GitHub 안내: “Incident with API Requests”. 아래 내용: <!date^1795355760^{time}|13:56(UTC)> 기준, 6분 전.
    *<https://github.test/acme/people|people>* · main · 최신 커밋 3개
    ✅ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji · 3분 전 · 체크 통과 · ● *staging*  [배포…](deploy repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000)
    ❌ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · joon · 2시간 전 · 체크 실패: lint · ● *production*
    ⏳ `<https://github.test/acme/people/commit/5c5c5c5|5c5c5c5>` _메시지 없음_ · bora · 어제 · 체크 진행 중(5개 중 3개 완료)
    ----
    *production* 환경은 main 브랜치보다 커밋 1개 뒤에 있어요 · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02(UTC)> 이후 · <https://production.people.test/|열기>
          🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 배포 중 · 요청: Joon · 21초 경과 · <https://github.test/acme/people/actions/runs/7|로그>
    *development* 환경은 main 브랜치에 없는 커밋이에요 · `<https://github.test/acme/people/commit/fff0001|fff0001>` A branch of its own · <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02(UTC)> 이후 · <https://development.people.test/|열기>
    *qa* · 아직 배포한 적 없음
    *staging* 환경은 최신이에요 · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02(UTC)> 이후 · <https://staging.people.test/|열기>
    ");
}

#[test]
fn history_in_korean() {
    let production = EnvironmentHistory {
        environment: "production".to_owned(),
        deployments: vec![
            deployment(minjis_commit(), DeploymentState::Running, 65, None),
            deployment(joons_commit(), DeploymentState::Succeeded, 7200, Some(42)),
            deployment(joons_commit(), DeploymentState::Failed, 86_400, Some(63)),
        ],
        more: true,
    };
    let answer = ListHistoryResponse {
        repository: "acme/people".to_owned(),
        environments: vec![production],
        as_of: ago(0),
        stale: None,
    };
    insta::assert_snapshot!(rendered(&history(KO, &answer, &asked("acme/people"), now())), @"
    (*people*: production: `a1b2c3d` 배포 중)
    *people* · 배포 이력 · <!date^1795356120^{time}|14:02(UTC)> 기준
    *production*
    ⏳ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · <!date^1795356055^{date_short_pretty} {time}|2026-11-22 14:00(UTC)> · 진행 중 1분 05초 · Joon · <https://github.test/acme/people/actions/runs/7|로그>
    ✅ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · <!date^1795348920^{date_short_pretty} {time}|2026-11-22 12:02(UTC)> · 42초 만에 성공 · Joon · <https://github.test/acme/people/actions/runs/7|로그>
    ❌ `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · <!date^1795269720^{date_short_pretty} {time}|2026-11-21 14:02(UTC)> · 1분 03초 만에 실패 · Joon · <https://github.test/acme/people/actions/runs/7|로그>
    … 더 오래된 배포 보기: `@deploybot history acme/people production 10`
    ");
}

#[test]
fn help_in_korean() {
    insta::assert_snapshot!(rendered(&help(KO, None)), @"
    (GitHub 저장소의 커밋을 배포하고, 어디에 무엇이 배포됐는지 알려 드려요. 저를 멘션하고 명령을 쓰세요: status, deploy, history, link, unlink, mute, unmute, subscribe, unsubscribe, subscriptions, help)
    GitHub 저장소의 커밋을 배포하고, 어디에 무엇이 배포됐는지 알려 드려요. 저를 멘션하고 명령을 쓰세요:
    `@deploybot status &lt;repository&gt; [limit]` 최신 커밋과 체크, 그리고 어디에 무엇이 배포됐는지 보여 드려요
    예: `@deploybot status people`
    `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` 체크를 통과했다면 바로 그 커밋을 배포해요
    예: `@deploybot deploy people production a1b2c3d`
    `@deploybot history &lt;repository&gt; [environment] [limit]` 무엇을 언제 누가 배포했고 어떻게 끝났는지 보여 드려요
    예: `@deploybot history people`
    `@deploybot link &lt;github login&gt;` 커밋이 배포되면 멘션을 받도록 GitHub 계정을 연결해요
    예: `@deploybot link minji`
    `@deploybot unlink` 연결한 GitHub 계정을 지워요
    예: `@deploybot unlink`
    `@deploybot mute` 커밋이 배포돼도 멘션하지 않게 해요
    예: `@deploybot mute`
    `@deploybot unmute` 커밋이 배포되면 다시 멘션하게 해요
    예: `@deploybot unmute`
    `@deploybot subscribe &lt;repository&gt; [environment] [started] [live] [failed]` 이 채널에서 요청하지 않은 배포도 이 채널에 알려요
    예: `@deploybot subscribe people`
    `@deploybot unsubscribe &lt;repository&gt; [environment]` 채널에 배포를 알리는 것을 끝내요
    예: `@deploybot unsubscribe people staging`
    `@deploybot subscriptions` 이 채널에 무엇을 알리는지 보여 드려요
    예: `@deploybot subscriptions`
    `@deploybot help [command]` 모든 명령, 또는 명령 하나를 자세히 보여 드려요
    예: `@deploybot help`
    ~ 명령 하나를 자세히 보려면: `@deploybot help deploy` · `production` 대신 `prod` 라고 써도 돼요.
    ");
    insta::assert_snapshot!(rendered(&help(KO, Some(CommandName::Deploy))), @"
    (`@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` 체크를 통과했다면 바로 그 커밋을 배포해요.)
    `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` 체크를 통과했다면 바로 그 커밋을 배포해요.
    커밋은 SHA 전체나 앞 4자리 이상, 또는 GitHub 주소로 써요. `status` 명령으로 목록을 볼 수 있어요.
    `to`, `of` 단어로 무엇이 무엇인지 알 수 있으면 순서는 자유예요.
    메시지 하나가 끝날 때까지 진행 상황을 보여 주고, 실패하면 새 메시지로 멘션해요.
    롤백하려면 이전 커밋을 배포하세요. `history` 명령으로 목록을 볼 수 있어요.
    GitHub가 응답하지 않으면 배포는 대기하고 그렇다고 알려 드려요. 시작하기 전에는 누구나 취소할 수 있어요.
    `@deploybot deploy people production a1b2c3d` 그 커밋을 배포해요
    `@deploybot deploy a1b2c3d of people to production` 같은 뜻의 다른 표현
    `@deploybot deploy https://github.com/acme/people/commit/a1b2c3d to production` 커밋 주소로 같은 일
    ~ 이렇게 써도 돼요: `ship`, `release`
    ");
}

#[test]
fn slips_in_korean() {
    let told = [
        "stauts people",
        "banana",
        "help bananas",
        "deploy people",
        "deploy people production main",
        "deploy people production a1",
        "status people 99",
        "status people 5 x",
        "deploy people production a1b2c3d not",
        "rollback people",
    ]
    .map(|text| {
        let error = parse(&format!("<@U0BOT> {text}"), "U0BOT").expect_err(text);
        let said = parse_error(KO, &error).text;
        format!("> {text}\n{said}")
    });
    insta::assert_snapshot!(told.join("\n"), @"
    > stauts people
    ❓ `stauts` 명령은 몰라요. 혹시 `@deploybot status people` 인가요?
    제가 아는 명령: `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` 및 `help`. 자세한 설명은 `@deploybot help` 명령으로 볼 수 있어요.
    > banana
    ❓ `banana` 명령은 몰라요. 저장소라면 혹시 `@deploybot status banana` 인가요?
    제가 아는 명령: `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` 및 `help`. 자세한 설명은 `@deploybot help` 명령으로 볼 수 있어요.
    > help bananas
    ❓ `bananas` 명령은 없어요.
    제가 아는 명령: `status`, `deploy`, `history`, `link`, `unlink`, `mute`, `unmute`, `subscribe`, `unsubscribe`, `subscriptions` 및 `help`. 자세한 설명은 `@deploybot help` 명령으로 볼 수 있어요.
    > deploy people
    ❓ `deploy` 명령에 환경 및 커밋 정보가 더 필요해요. 예: `@deploybot deploy people production a1b2c3d`
    커밋과 환경을 보려면: `@deploybot status people`.
    > deploy people production main
    ❓ `main` 값은 커밋이 아니에요. 저는 SHA로만 배포하는데, SHA는 0~9와 a~f로만 써요. 최신 커밋을 보려면: `@deploybot status people`.
    > deploy people production a1
    ❓ `a1` 값은 커밋이라기에는 너무 짧아요. SHA를 4자리 이상 써 주세요. 최신 커밋을 보려면: `@deploybot status people`.
    > status people 99
    ❓ limit에 쓸 수 없는 값이에요: `99`. 1부터 50까지의 정수를 써 주세요. 예: `@deploybot status people 10`
    > status people 5 x
    ❓ `status &lt;repository&gt; [limit]` 명령에서 `x` 부분이 무슨 뜻인지 모르겠어요. limit 값은 1부터 50까지의 정수예요. 그 부분을 빼면: `@deploybot status people 5`
    > deploy people production a1b2c3d not
    ❓ `not` 부분을 하지 말라는 뜻으로 이해해서 아무것도 배포하지 않았어요. 기다리는 배포는 그 메시지의 취소 버튼으로 취소해요.
    > rollback people
    ❓ 롤백하려면 이전 커밋을 배포하세요: `@deploybot deploy people &lt;environment&gt; &lt;commit&gt;`. 배포 이력을 보려면: `@deploybot history people`.
    ");
}

#[test]
fn what_could_not_be_asked_in_korean() {
    let wait = Some(Duration::from_secs(90));
    let told = [
        (CallError::Hindered(Hindrance::Unreachable), Asked::ToKnow),
        (CallError::Hindered(Hindrance::TimedOut), Asked::InWords),
        (
            CallError::Hindered(Hindrance::Exhausted { retry_after: wait }),
            Asked::ByOpening,
        ),
        (CallError::Hindered(Hindrance::Internal), Asked::InWords),
        (
            CallError::Hindered(Hindrance::Unauthenticated),
            Asked::InWords,
        ),
        (
            CallError::NotFound {
                reason: Reason::UnknownEnvironment,
                candidates: vec!["production".to_owned(), "staging".to_owned()],
            },
            Asked::ToKnow,
        ),
        (CallError::TooMany(Most::OfChannel), Asked::InWords),
        (CallError::TooMany(Most::OfEnvironment), Asked::InWords),
    ]
    .map(|(error, asked)| {
        let message = call_error(KO, &error, asked, "people", Some("prodution"));
        message.text.to_string()
    });
    insta::assert_snapshot!(told.join("\n"), @"
    ⚠️ 배포 서비스가 응답하지 않아요. 1분 뒤에 다시 요청하세요.
    ⚠️ 제때 응답이 오지 않았어요. 배포 서비스나 그 뒤의 GitHub가 느려요. 1분 뒤에 다시 요청하세요.
    ⚠️ GitHub 호출 한도를 다 썼어요. 이 창을 닫고 1분 30초 뒤에 다시 여세요.
    ⚠️ 배포 서비스에 문제가 있어요. 자세한 내용은 서비스 로그에 있으니 deploybot 운영자에게 알려 주세요.
    ⚠️ 배포 서비스에 요청할 권한이 없어요. deploybot 운영자가 토큰을 설정해야 해요. 바뀐 것은 없어요.
    ❓ *people* 저장소에 `prodution` 환경은 없어요. 혹시 `production` 인가요? 있는 환경: `production`, `staging`.
    ❓ 이 채널에는 이미 환경 100개의 배포를 알리고 있어서 더 알릴 수 없어요. 먼저 하나를 끝내 주세요. 지금 알리는 것을 보려면: `@deploybot subscriptions`
    ❓ 이미 채널 100개에 이 환경의 배포를 알리고 있어서 더 알릴 수 없어요. 그중 한 채널에서 먼저 끝내야 해요.
    ");
    let away = CallError::Hindered(Hindrance::Unreachable);
    insta::assert_snapshot!(call_error_in_field(KO, &away, "people", "production"), @"⚠️ 배포 서비스가 응답하지 않아요. 배포 버튼을 다시 누르세요. 같은 요청이 두 번 실행되지는 않아요.");
    insta::assert_snapshot!(waiting(KO, &Hindrance::Unreachable).text, @"⏳ 배포 서비스가 응답하지 않아요. 계속 요청하고 있으니 다시 요청하지 않아도 돼요.");
    let after = Duration::from_secs(300);
    insta::assert_snapshot!(given_up(KO, &Hindrance::Unreachable, after, "people").text, @"⚠️ 배포 서비스가 응답하지 않아요. 5분 동안 요청하다가 이제 멈췄어요. 문제가 풀리면 `@deploybot status people` 명령으로 커밋이 배포됐는지 확인하고, 안 됐다면 다시 요청하세요.");
    let elsewhere = said_elsewhere(&taken(KO), "C1");
    insta::assert_snapshot!(rendered(&elsewhere), @"
    (✔ 배포 서비스가 요청을 받았어요.)
    ~ <#C1> 채널에 쓸 수 없어서 여기에 알려요. 그 채널에 저를 초대하거나 채널 관리자에게 부탁하세요.
    ✔ 배포 서비스가 요청을 받았어요.
    ");
}

#[test]
fn the_dialog_in_korean() {
    let action = DeployAction {
        repository: RepositoryName::new("acme/people").expect("valid"),
        commit: CommitSha::new(&sha("a1b2c3d")).expect("valid"),
    };
    let environments = [
        environment("production", Some((joons_commit(), Some(1)))),
        environment("qa", None),
    ];
    let preview = |refusals, ahead, behind| PreviewDeploymentResponse {
        refusals,
        commit: Some(minjis_commit()),
        changes: changes(ahead, behind, vec![minjis_commit()]),
        checks: passed(),
        environment: "production".to_owned(),
    };
    let shown = |preview: Option<&PreviewDeploymentResponse>| {
        let dialog = Dialog {
            action: &action,
            environments: Some(Ok(&environments)),
            chosen: Some("production"),
            preview: preview.map(Ok),
        };
        rendered_modal(&deploy_dialog(KO, &dialog, now()))
    };
    insta::assert_snapshot!(shown(None), @"
    # 배포: people
    *people* `a1b2c3d`
    환경 (environment): production of production (production (현재 9f8e7d6)) | qa (qa (아직 배포한 적 없음))
    ⏳ *production* 환경에 배포될 내용을 확인하는 중…
    # [배포] repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
    ");
    insta::assert_snapshot!(shown(Some(&preview(Vec::new(), 12, 0))), @"
    # 배포: people
    *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
    환경 (environment): production of production (production (현재 9f8e7d6)) | qa (qa (아직 배포한 적 없음))
    배포할 내용: `9f8e7d6` 이후 커밋 12개 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>)
    • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
    <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… 외 11개>
    ----
    ✅ *production* 환경에 배포할 수 있어요: 체크 통과
    # [배포] repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
    ");
    let refused = vec![refusal(Reason::ChecksFailed, &["lint"], "")];
    insta::assert_snapshot!(shown(Some(&preview(refused, 0, 2))), @"
    # 배포: people
    *people* `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
    환경 (environment): production of production (production (현재 9f8e7d6)) | qa (qa (아직 배포한 적 없음))
    ⚠️ 이전으로 되돌아가요: `9f8e7d6` 기준 커밋 2개 되돌림 (<https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|비교>)
    • `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · minji
    <https://github.test/acme/people/compare/9f8e7d6...a1b2c3d|… 외 1개>
    ----
    ❌ 지금은 *production* 환경에 배포할 수 없어요:
    • `a1b2c3d` 커밋의 체크가 실패했어요: `lint`. 고친 커밋을 배포하거나, 체크가 우연히 실패했다면 GitHub에서 다시 실행한 다음 다시 요청하세요.
    # only close repository=acme%2Fpeople&commit=a1b2c3d000000000000000000000000000000000
    ");
}
