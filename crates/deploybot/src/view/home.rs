//! The home tab: what runs where in somebody's repositories, what is going out
//! now, and how to begin where nothing was deployed yet.

use deploy_proto::v1::{GetOverviewResponse, RepositoryOverview};
use jiff::Timestamp;

use super::{
    action,
    block::{Block, Button, Home, Mrkdwn},
    error::{self, Asked, CallError},
    stale, status,
    text::{self, NAME, dotted, line, section, sections},
};
use crate::words::Words;

/// Repositories shown, as many as are told of.
const REPOSITORIES: usize = 10;
/// Environments shown of each: production, and those that come next.
const ENVIRONMENTS: usize = 5;

/// What runs where.
pub(crate) fn home(words: Words, overview: &GetOverviewResponse, now: Timestamp) -> Home {
    if overview.repositories.is_empty() {
        let away = overview.stale.as_ref();
        let away = away.map(|stale| stale::instead(words, stale, Mrkdwn::default(), now));
        let first_steps = beside_refresh(words, first_steps(words));
        return Home {
            blocks: away.into_iter().chain([first_steps]).collect(),
        };
    }
    let heading = match overview.own {
        true => words.home_own(),
        false => words.home_everybodys(),
    };
    let mut blocks = vec![beside_refresh(words, heading)];
    for repository in overview.repositories.iter().take(REPOSITORIES) {
        blocks.push(Block::Divider);
        blocks.extend(of_repository(words, repository, now));
    }
    blocks.push(Block::Divider);
    blocks.push(Block::Context(vec![words.home_more(line("help"))]));
    Home { blocks }
}

/// The deploy service could not be asked.
pub(crate) fn home_without_answer(words: Words, problem: &CallError) -> Home {
    let asked = Asked::ByOpeningHome;
    short(words, error::sentence(words, problem, asked, "", None))
}

/// To somebody of another company.
pub(crate) fn home_of_a_stranger(words: Words) -> Home {
    Home {
        blocks: vec![section(words.notice_stranger())],
    }
}

/// To a guest of the workspace.
pub(crate) fn home_of_a_guest(words: Words) -> Home {
    Home {
        blocks: vec![section(words.home_guest(line("status <repository>")))],
    }
}

/// Slack does not tell who somebody is.
pub(crate) fn home_of_nobody_known(words: Words) -> Home {
    short(words, words.home_nobody_known())
}

fn short(words: Words, text: Mrkdwn) -> Home {
    Home {
        blocks: vec![beside_refresh(words, text)],
    }
}

fn beside_refresh(words: Words, text: Mrkdwn) -> Block {
    let label = words.home_refresh();
    Block::Section {
        text,
        button: Some(Button {
            spoken: label.clone(),
            label,
            action: action::REFRESH.to_owned(),
            value: action::REFRESH.to_owned(),
            confirm: None,
        }),
    }
}

fn first_steps(words: Words) -> Mrkdwn {
    text::lines([
        words.home_nothing_yet(),
        words.home_first_look(line("status <repository>")),
        words.home_first_deploy(line("deploy <repository> <environment> <commit>")),
    ])
}

fn of_repository(words: Words, told: &RepositoryOverview, now: Timestamp) -> Vec<Block> {
    let stale = told.stale.as_ref();
    let Some(as_of) = told.as_of.as_ref() else {
        let repository = text::repository(&told.repository);
        let instead = match stale {
            Some(stale) => stale::instead(words, stale, words.home_later(repository), now),
            None if told.unknown => section(words.home_gone(repository)),
            None => section(words.home_unreadable(repository)),
        };
        let waiting = sections(status::waiting(words, &told.waiting));
        return [instead].into_iter().chain(waiting).collect();
    };
    let banner = stale::banner(words, stale, Some(as_of), now);
    let name = text::link(
        &told.url,
        text::prose(text::bare_name(&told.repository), NAME),
    );
    let as_of = stale::beside_heading(words, stale, Some(as_of), now);
    let heading = dotted([Mrkdwn::ours(format!("*{name}*")), as_of]);
    let lines = [heading].into_iter().chain(environments(words, told, now));
    let lines = lines.chain(status::waiting(words, &told.waiting));
    banner.into_iter().chain(sections(lines)).collect()
}

fn environments(words: Words, told: &RepositoryOverview, now: Timestamp) -> Vec<Mrkdwn> {
    let branch = status::told_branch(&told.branch, told.stale.as_ref());
    if told.environments.is_empty() {
        return vec![status::no_environment(words, &told.repository, branch)];
    }
    let shown = told.environments.iter().take(ENVIRONMENTS);
    let lines = shown.map(|one| status::environment(words, one, branch, now));
    let more = told.environments.len().saturating_sub(ENVIRONMENTS);
    let more = (more > 0).then(|| words.status_more_environments(more));
    lines.chain(more).collect()
}

#[cfg(test)]
mod tests {
    use deploy_proto::v1::{
        DeploymentState, EnvironmentStatus, Request, RequestState, Stale, StaleReason,
    };

    use super::*;
    use crate::view::{
        Hindrance,
        fixtures::{
            EN, KO, ago, commit, deployment, environment, joons_commit, minjis_commit, now, person,
            rendered_home, request,
        },
    };

    fn people() -> RepositoryOverview {
        let production = EnvironmentStatus {
            running: Some(deployment(
                minjis_commit(),
                DeploymentState::Running,
                21,
                None,
            )),
            ..environment("production", Some((joons_commit(), Some(1))))
        };
        RepositoryOverview {
            repository: "acme/people".to_owned(),
            url: "https://github.test/acme/people".to_owned(),
            environments: vec![
                production,
                environment("staging", Some((minjis_commit(), Some(0)))),
                environment("qa", None),
            ],
            as_of: ago(60),
            stale: None,
            branch: "main".to_owned(),
            waiting: Vec::new(),
            unknown: false,
        }
    }

    fn overview(own: bool, repositories: Vec<RepositoryOverview>) -> GetOverviewResponse {
        GetOverviewResponse {
            repositories,
            own,
            stale: None,
        }
    }

    #[test]
    fn it_tells_what_runs_where_and_what_goes_out() {
        let gone = RepositoryOverview {
            repository: "acme/gone".to_owned(),
            unknown: true,
            ..RepositoryOverview::default()
        };
        let unread = RepositoryOverview {
            repository: "acme/odd".to_owned(),
            ..RepositoryOverview::default()
        };
        let old = RepositoryOverview {
            repository: "acme/api".to_owned(),
            environments: Vec::new(),
            as_of: ago(3600),
            stale: Some(Stale {
                reason: StaleReason::GithubUnavailable.into(),
                ..Stale::default()
            }),
            ..people()
        };
        let own = overview(true, vec![people(), gone, unread, old]);
        insta::assert_snapshot!(rendered_home(&home(EN, &own, now())), @"
        *What runs where* in the repositories that you have deployed lately  [Refresh](refresh refresh)
        ----
        *<https://github.test/acme/people|people>* · as of <!date^1795356060^{time}|14:01 UTC>
        *production* is 1 commit behind main · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
              🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` is going out · asked by Joon · for 21 s · <https://github.test/acme/people/actions/runs/7|log>
        *staging* is up to date · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://staging.people.test/|open>
        *qa* · nothing deployed yet
        ----
        ⚠️ *gone* can't be read now: it may have been renamed or deleted, or I may not see it any more. If so, tell whoever runs deploybot.
        ----
        ⚠️ *odd* can't be read now. If it stays so, tell whoever runs deploybot.
        ----
        ⚠️ *GitHub does not answer*. This is as of <!date^1795352520^{time}|13:02 UTC>, 1 h ago.
        *<https://github.test/acme/people|api>*
        *api* has no environment yet. Environments are made in the repository's settings on GitHub.
        ----
        ~ `@deploybot help` tells all that I can do.
        ");
        insta::assert_snapshot!(rendered_home(&home(KO, &own, now())), @"
        *지금 배포된 내용* · 최근에 배포하신 저장소  [새로 고침](refresh refresh)
        ----
        *<https://github.test/acme/people|people>* · <!date^1795356060^{time}|14:01(UTC)> 기준
        *production* 환경은 main 브랜치보다 커밋 1개 뒤에 있어요 · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02(UTC)> 이후 · <https://production.people.test/|열기>
              🚀 `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` 배포 중 · 요청: Joon · 21초 경과 · <https://github.test/acme/people/actions/runs/7|로그>
        *staging* 환경은 최신이에요 · `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` Add Minji to the team page · <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02(UTC)> 이후 · <https://staging.people.test/|열기>
        *qa* · 아직 배포한 적 없음
        ----
        ⚠️ *gone* 저장소를 지금 읽을 수 없어요. 이름이 바뀌었거나 삭제되었거나, 제가 더 이상 볼 수 없는 저장소일 수 있어요. 그렇다면 deploybot 운영자에게 알려 주세요.
        ----
        ⚠️ *odd* 저장소를 지금 읽을 수 없어요. 계속 그렇다면 deploybot 운영자에게 알려 주세요.
        ----
        ⚠️ *GitHub가 응답하지 않아요*. 아래 내용: <!date^1795352520^{time}|13:02(UTC)> 기준, 1시간 전.
        *<https://github.test/acme/people|api>*
        *api* 저장소에는 아직 환경이 없어요. 환경은 GitHub의 저장소 설정에서 만들어요.
        ----
        ~ `@deploybot help`: 제가 할 수 있는 일을 모두 알려 드려요.
        ");
    }

    #[test]
    fn what_github_does_not_tell_now_is_not_said_to_be_gone() {
        let limited = RepositoryOverview {
            repository: "acme/api".to_owned(),
            stale: Some(Stale {
                reason: StaleReason::RateLimit.into(),
                retry_at: ago(-1800),
                ..Stale::default()
            }),
            waiting: vec![request(RequestState::Accepted)],
            ..RepositoryOverview::default()
        };
        let by_its_deployments = RepositoryOverview {
            url: String::new(),
            environments: vec![environment("production", Some((joons_commit(), None)))],
            stale: Some(Stale {
                reason: StaleReason::GithubUnavailable.into(),
                is_partial: true,
                ..Stale::default()
            }),
            branch: String::new(),
            waiting: vec![request(RequestState::Creating)],
            ..people()
        };
        let own = overview(true, vec![limited, by_its_deployments]);
        insta::assert_snapshot!(rendered_home(&home(EN, &own, now())), @"
        *What runs where* in the repositories that you have deployed lately  [Refresh](refresh refresh)
        ----
        ⚠️ *GitHub's limit of calls is used up* until <!date^1795357920^{time}|14:32 UTC>. What runs in *api* is not known now. Press Refresh when GitHub can be asked again.
        ⏸ `a1b2c3d` waits to go to *production* · asked by Minji
        ----
        ⚠️ *GitHub does not answer*. This is what deploybot knows, and may not be all: as of <!date^1795356060^{time}|14:01 UTC>, 1 min ago.
        *people*
        *production* · `<https://github.test/acme/people/commit/9f8e7d6|9f8e7d6>` Show avatars (#41) · since <!date^1795352520^{date_short_pretty} {time}|2026-11-22 13:02 UTC> · <https://production.people.test/|open>
        ⏸ `<https://github.test/acme/people/commit/a1b2c3d|a1b2c3d>` waits to go to *production* · asked by Minji
        ----
        ~ `@deploybot help` tells all that I can do.
        ");
        let korean = rendered_home(&home(KO, &own, now()));
        let of_api: Vec<_> = korean.lines().skip(2).take(2).collect();
        insta::assert_snapshot!(of_api.join("\n"), @"
        ⚠️ *GitHub 호출 한도를 다 썼어요* (재개 예정: <!date^1795357920^{time}|14:32(UTC)>). *api* 저장소에 무엇이 배포됐는지 지금은 알 수 없어요. GitHub에 다시 물어볼 수 있게 되면 ‘새로 고침’을 눌러 주세요.
        ⏸ `a1b2c3d` · *production* 환경에 배포 대기 중 · 요청: Minji
        ");
    }

    #[test]
    fn who_has_deployed_nothing_sees_everybodys_or_how_to_begin() {
        let everybodys = overview(false, vec![people()]);
        for (words, first) in [(EN, "90 days"), (KO, "90일")] {
            let shown = rendered_home(&home(words, &everybodys, now()));
            assert!(
                shown.lines().next().unwrap_or_default().contains(first),
                "{shown}"
            );
        }
        insta::assert_snapshot!(rendered_home(&home(EN, &overview(false, vec![]), now())), @"
        👋 *Nothing has been deployed through me lately.* What you deploy will be shown here. To begin, write in a channel that I am in:
        • `@deploybot status &lt;repository&gt;` tells what runs where
        • `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;` brings a commit out  [Refresh](refresh refresh)
        ");
        insta::assert_snapshot!(rendered_home(&home(KO, &overview(false, vec![]), now())), @"
        👋 *최근에 저를 통해 배포된 것이 없어요.* 배포하시면 여기에 보여 드려요. 제가 들어가 있는 채널에 이렇게 써서 시작해 보세요:
        • `@deploybot status &lt;repository&gt;`: 어디에 무엇이 배포되어 있는지 알려 드려요
        • `@deploybot deploy &lt;repository&gt; &lt;environment&gt; &lt;commit&gt;`: 커밋을 배포해요  [새로 고침](refresh refresh)
        ");
    }

    #[test]
    fn where_there_is_nothing_to_show_it_tells_that_github_is_away() {
        let nothing = GetOverviewResponse {
            stale: Some(Stale {
                reason: StaleReason::GithubUnavailable.into(),
                retry_at: ago(-30),
                ..Stale::default()
            }),
            ..overview(false, vec![])
        };
        for (words, away) in [
            (
                EN,
                "⚠️ *GitHub does not answer*. GitHub is tried again within a minute.\n👋",
            ),
            (
                KO,
                "⚠️ *GitHub가 응답하지 않아요*. GitHub에는 1분 안에 다시 물어봐요.\n👋",
            ),
        ] {
            let shown = rendered_home(&home(words, &nothing, now()));
            assert!(shown.starts_with(away), "{shown}");
        }
    }

    #[test]
    fn what_is_in_the_way_is_told_with_the_button() {
        let away = CallError::Hindered(Hindrance::Unreachable);
        let told = |words| {
            let tabs = [
                home_without_answer(words, &away),
                home_of_a_stranger(words),
                home_of_nobody_known(words),
            ];
            tabs.map(|tab| rendered_home(&tab)).join("\n")
        };
        insta::assert_snapshot!(told(EN), @"
        ⚠️ The deploy service does not answer. Press Refresh in a minute.  [Refresh](refresh refresh)
        ✋ I do nothing for people of another workspace: ask somebody of this one.
        ⚠️ Slack does not tell me now who you are, so I show nothing here. Press Refresh in a minute.  [Refresh](refresh refresh)
        ");
        insta::assert_snapshot!(told(KO), @"
        ⚠️ 배포 서비스가 응답하지 않아요. 1분 뒤에 ‘새로 고침’을 눌러 주세요.  [새로 고침](refresh refresh)
        ✋ 다른 워크스페이스의 요청은 받지 않아요. 이 워크스페이스의 동료에게 부탁하세요.
        ⚠️ 지금 Slack에서 누구신지 알 수 없어서 아무것도 보여 드리지 못해요. 1분쯤 뒤에 ‘새로 고침’을 눌러 주세요.  [새로 고침](refresh refresh)
        ");
    }

    #[test]
    fn the_most_that_there_can_be_fits_a_tab() {
        let loud = "<!channel> *&<>|`_~ \u{202e}🏳️‍🌈".repeat(40);
        let commit = || commit("a1b2c3d", &loud, &loud, 60);
        let environments = (0..30).map(|number| EnvironmentStatus {
            running: Some(deployment(commit(), DeploymentState::Running, 21, None)),
            ..environment(&format!("{number}{loud}"), Some((commit(), Some(7))))
        });
        let stale = Some(Stale {
            reason: StaleReason::RateLimit.into(),
            retry_at: ago(-60),
            incident: loud.clone(),
            is_partial: true,
            followed_at: ago(30),
            missing: vec![loud.clone(); 30],
        });
        let waits = Request {
            environment: loud.clone(),
            commit: Some(commit()),
            requester: person("", &loud),
            ..request(RequestState::Creating)
        };
        let repository = RepositoryOverview {
            repository: format!("acme/{loud}"),
            environments: environments.collect(),
            branch: loud.clone(),
            stale,
            waiting: vec![waits; 30],
            ..people()
        };
        for words in [EN, KO] {
            let all = overview(true, vec![repository.clone(); 30]);
            // Slack's limits are checked on the way.
            let shown = rendered_home(&home(words, &all, now()));
            assert!(!shown.contains("<!channel>"), "{shown}");
            assert_eq!(shown.matches('⏸').count(), 10 * 10, "{shown}");
        }
    }
}
